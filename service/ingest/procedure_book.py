"""What imports said of the procedures that one request speaks of, each read once."""

from sqlalchemy.orm import Session

from service.domain.dossier.snapshot import Snapshot
from service.domain.procedures import ImportedProcedure, field_given, national_procedure_code
from service.store.catalogues import versions as catalogue_versions


class ProcedureBook:
    """The imported procedures of one request, by national code."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, list[ImportedProcedure]] = {}

    def imported(self, procedure: str) -> list[ImportedProcedure]:
        """Return everything that imports said of a procedure, given its national code."""
        if procedure not in self._known:
            self._known |= catalogue_versions.imported_procedures(self._session, [procedure])
        return self._known[procedure]

    def field_key(self, snapshot: Snapshot) -> str | None:
        """Return the field that groups a dossier: its code, else its procedure's by the catalogue, else its name."""
        if snapshot.field_code:
            return snapshot.field_code
        procedure = national_procedure_code(snapshot.procedure_code)
        return field_given(self.imported(procedure)) or snapshot.field_name
