"""`make large` measures what it says: here with a few thousand dossiers instead of millions."""

import pytest

from bench import measuring
from tests.load import large


def test_upgrade_repair_and_recount_are_measured_beside_pushes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"DOSSIERS": 3000, "ALONE_SECONDS": 2.0, "SETTLE_SECONDS": 0.5}.items():
        monkeypatch.setattr(large, name, value)
    monkeypatch.setattr(measuring, "MISSED", [])
    large.main()
    told = capsys.readouterr().out
    for step in ("upgrade from 1.0.0", "repair (", "recount (Khớp / all counts agree)"):
        for figure in ("MB more", "pace of pushes", "longest wait of a push", "longest push, s", "refused"):
            assert any(line.startswith(f"| {step}") and figure in line for line in told.splitlines()), (step, figure)
    assert "repair (Khớp" not in told, "every row is off before it"
    assert not [missed for missed in measuring.MISSED if "MB more" in missed]
