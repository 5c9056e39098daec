"""Lines of a catalogue file made without a file: their cells stand in row 2, in the order in which they are given."""

from collections.abc import Callable

import pytest

from service.formats.catalogue_files import CatalogueRow, Headings
from service.formats.tables import Cell
from service.ingest.catalogues.lines import WORDS, CatalogueLine


def made_line(catalogue: str, **cells: Cell) -> CatalogueLine:
    """Return the line of a catalogue (units, procedures, days) with these cells."""
    columns = {name: position for position, name in enumerate(cells)}
    return CatalogueLine(CatalogueRow(None, 2, cells, columns), Headings(**WORDS["headings"][catalogue]), [])


def reason(work: Callable[[], object]) -> str:
    """Return why a piece of work is refused."""
    with pytest.raises(ValueError, match=r".+") as refused:
        work()
    return str(refused.value)
