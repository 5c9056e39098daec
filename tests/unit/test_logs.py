"""What operators read of an error: where it happened."""

import json
import logging

import pytest

from service.settings import Settings
from service.telemetry import logs


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_an_error_is_logged_with_its_traceback(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    logs.configure(Settings.model_validate({"log_format": log_format}))
    try:
        raise ZeroDivisionError("told")
    except ZeroDivisionError:
        logging.getLogger("tthc.test").exception("it went wrong")
    finally:
        root.handlers, root.level = before, level
    line = capsys.readouterr().err
    shown = json.loads(line)["exception"] if log_format == "json" else line
    assert "test_logs.py" in shown and "ZeroDivisionError: told" in shown
