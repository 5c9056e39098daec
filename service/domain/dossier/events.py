"""Events: what a source tells about a dossier, once it is validated."""

from typing import NamedTuple

from service.domain.dossier.snapshot import ProgressStep, Snapshot


class DossierEvent(NamedTuple):
    """A validated record: the dossier's state, and names for the catalogues."""

    snapshot: Snapshot
    unit_name: str | None = None
    procedure_name: str | None = None
    warnings: tuple[str, ...] = ()


class ProgressEvent(NamedTuple):
    """News that a dossier reached a status at a moment."""

    code: str
    step: ProgressStep


class CatalogueEvent(NamedTuple):
    """An import filled the catalogue: a dossier may have a deadline or a field now that it lacked."""

    code: str


class Rejection(NamedTuple):
    """A record that cannot be counted: its dossier code if it has one, and what is wrong by field."""

    code: str | None
    errors: dict[str, list[str]]
