"""Programs that some tests need for real: found, or the test is skipped with one line that says how to get them.

With CI=true a missing program fails the test: the automatic run never skips.
"""

import os
import shutil
from pathlib import Path

import pytest

_PACKAGES = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "nginx": "nginx-light",
    "systemd-analyze": "systemd",
    "chromium": "chromium",
    "node": "nodejs",
    "npm": "npm",
    "java": "default-jdk-headless",
    "javac": "default-jdk-headless",
    "WebKitWebDriver": "webkit2gtk-driver",
    "Xvfb": "xvfb",
}

_PLACES = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def require(program: str) -> str:
    """Return the path of a program; skip (with CI=true: fail) where it is not installed."""
    place = shutil.which(program, path=_PLACES)
    if place:
        return str(Path(place))
    message = f"{program} is not installed: apt-get install -y {_PACKAGES.get(program, program)}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
