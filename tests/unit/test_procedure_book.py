"""The field that groups a dossier: its own code, what imports say of its procedure, or its name."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any, cast

import pytest
from sqlalchemy.orm import Session

from service.domain.dossier.snapshot import Snapshot
from service.domain.procedures import ImportedProcedure
from service.ingest.procedure_book import ProcedureBook
from service.store.catalogues import versions

PLAIN = Snapshot("A", "H23", "1.004873.000.00.00.H23", 4)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the procedures that the catalogue is asked for; imports gave one of them the field G03."""
    codes: list[str] = []

    def imported(_session: Session, given: Collection[str]) -> dict[str, list[ImportedProcedure]]:
        codes.extend(given)
        return {code: [ImportedProcedure(1, None, None, None, "G03")] if code == "1.004873" else [] for code in given}

    monkeypatch.setattr(versions, "imported_procedures", imported)
    return codes


@pytest.fixture
def book(asked: list[str]) -> ProcedureBook:
    return ProcedureBook(cast(Session, None))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        pytest.param({"field_code": "G01", "field_name": "Đất đai"}, "G01", id="its own code"),
        pytest.param({"field_name": "Đất đai"}, "G03", id="its procedure's"),
        pytest.param({"field_name": "Đất đai", "procedure_code": "2.000777"}, "Đất đai", id="its name"),
        pytest.param({"procedure_code": "2.000777"}, None, id="none"),
    ],
)
def test_the_field_of_a_dossier(book: ProcedureBook, given: dict[str, Any], field: str | None) -> None:
    assert book.field_key(replace(PLAIN, **given)) == field


def test_a_procedure_is_read_once(book: ProcedureBook, asked: list[str]) -> None:
    for code in ("1.004873", "2.000777", "1.004873"):
        book.imported(code)
    assert asked == ["1.004873", "2.000777"]
