"""A wrong clock for a process that runs (libfaketime)."""

from pathlib import Path

from tests.support.required_programs import require


def library() -> str:
    """Return the library that a process is started with."""
    require("faketime")
    path = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)
    assert path is not None
    return str(path)


def clock_environ(file: Path) -> dict[str, str]:
    """Return what a process needs to follow the clock in a file."""
    return {
        "LD_PRELOAD": library(),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }


def set_clock(file: Path, seconds: int) -> None:
    """Let the clock be off by so many seconds."""
    file.write_text(f"{seconds:+d}s\n")
