"""The list of procedures: those that were imported, and those that only dossiers name."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from service.domain.procedures import national_procedure_code
from service.store import catalogue
from service.store.catalogues import versions as catalogue_versions
from service.store.catalogues.fields import names_of_fields
from service.store.catalogues.versions import ProcedureLine


def procedure_rows(session: Session) -> list[dict[str, Any]]:
    """Return a row for each time limit of each procedure, by national code, with the period in which it holds."""
    imported = catalogue_versions.known_procedures(session)
    known = {line.code for line in imported}
    named = {national_procedure_code(code) for code in catalogue.procedure_codes(session)} - known
    lines = [*imported, *(ProcedureLine(code, None, None, None, None, None) for code in named)]
    names = catalogue.procedure_names(session, [line.code for line in lines])
    fields = names_of_fields(session, [line.field_code for line in lines if line.field_code])
    return [
        {**line._asdict(), "name": names.get(line.code), "field_name": fields.get(line.field_code or "")}
        for line in sorted(lines, key=lambda line: (line.code, line.valid_from or date.min))
    ]
