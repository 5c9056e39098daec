"""docs/definitions.md and the code say the same."""

import re
from pathlib import Path

from service.domain.dossier.data_warnings import WARNINGS
from service.domain.dossier.statuses import BY_API_NAME, Status
from service.domain.statistics.formulas import FORMULAS

API = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")

TEXT = (Path(__file__).parents[2] / "docs" / "definitions.md").read_text(encoding="utf-8")


def table_rows(heading: str) -> list[list[str]]:
    section = TEXT.split(f"## {heading}")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_table_of_formulas_is_the_code_s() -> None:
    wanted = [
        [f"`{formula.id}`", name, ratio.above.text, ratio.below.text, "; ".join(formula.published_by)]
        for formula in FORMULAS.values()
        for name, ratio in formula.ratios.items()
    ]
    assert table_rows("5. Formulas") == wanted


def test_the_table_of_statuses_is_the_code_s() -> None:
    told = [(int(row[0]), row[2]) for row in table_rows("2. Statuses")]
    assert told == [(status.value, status.api_name) for status in Status]


def test_every_count_named_in_a_formula_is_a_count() -> None:
    from service.domain.statistics.counts import Counts

    words = {word for row in table_rows("5. Formulas") for cell in row[2:4] for word in re.findall("[a-z_]+", cell)}
    assert words <= Counts().as_dict(cohort=True).keys()


def test_every_warning_has_its_cause_and_remedy_in_the_document_of_the_api() -> None:
    assert [kind for kind in WARNINGS if f"| `{kind}` | `" not in API] == []


def test_every_status_is_in_the_document_of_the_api() -> None:
    assert [name for name, code in BY_API_NAME.items() if f"| {int(code)} | `{name}` |" not in API] == []


def test_every_table_that_checks_a_rule_is_there() -> None:
    """A table is a file, with words in quotation marks or names in capitals that stand in it."""
    rows = (row[1] for row in table_rows("12. Where each rule can be checked"))
    tables = [code.groups() for row in rows for code in re.finditer(r"`([^`]+)`([^`]*)", row)]
    missing = []
    for path, rest in tables:
        text = (Path(__file__).parents[2] / path).read_text(encoding="utf-8")
        words = re.findall(r'"([^"]+)"', rest) + re.findall(r"\b[A-Z_]{3,}\b", rest)
        missing += [(path, word) for word in words if word not in text]
    assert missing == []
    assert len(tables) > 25
