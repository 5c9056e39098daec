"""A short form of `make faults`: each kind of fault once, and nothing that was acknowledged is lost."""

import pytest

from tests.load import faults


@pytest.mark.parametrize("kind", faults.FAULTS)
def test_what_is_acknowledged_stays(kind: str) -> None:
    table = faults.run(kind, 0)
    assert {row[0] for row in table} >= {fault.__name__ for fault in faults.FAULTS[kind]}
