"""WebKitGTK as Debian has it, driven by the WebDriver protocol: what of Safari can be tried here."""

import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.ops.processes import free_port, until
from tests.support.required_programs import require

_NOWHERE = subprocess.DEVNULL


class WebKit:
    """One window."""

    def __init__(self, address: str) -> None:
        """Take the address of the driver, and open the window."""
        self._address = f"{address}/session"
        browser = next(Path("/usr/lib").glob("*/webkit2gtk-4.?/MiniBrowser"))
        options = {"webkitgtk:browserOptions": {"binary": str(browser), "args": ["--automation"]}}
        session = until(lambda: self.ask("", capabilities={"alwaysMatch": options}), 60)
        self._address += f"/{session['sessionId']}"

    def ask(self, command: str, **given: Any) -> Any:
        """Send a command; return its value."""
        body = json.dumps(given).encode()
        headers = {"Content-Type": "application/json"}
        with urllib.request.urlopen(
            urllib.request.Request(self._address + command, body, headers), timeout=120
        ) as answer:
            return json.load(answer)["value"]

    def open(self, url: str) -> None:
        """Go to a page and wait until it is loaded."""
        self.ask("/url", url=url)

    def run(self, script: str) -> Any:
        """Run a script in the page, or in the frame that was entered, and return what it returns."""
        return self.ask("/execute/sync", script=script, args=[])

    def until(self, script: str) -> None:
        """Wait until a script in the page returns true."""
        until(lambda: self.run(script), 60)

    def enter_frame(self, number: int) -> None:
        """Run later scripts in a frame of the page."""
        self.ask("/frame", id=None)
        self.ask("/frame", id=number)


@contextmanager
def webkit() -> Iterator[WebKit]:
    """Run the driver on a screen that nobody sees."""
    screen, driver = require("Xvfb"), require("WebKitWebDriver")
    port = free_port()
    number = 100 + port % 10_000  # as good as any
    shown = f":{number}"
    environ = {**os.environ, "DISPLAY": shown, "WEBKIT_DISABLE_COMPOSITING_MODE": "1", "LIBGL_ALWAYS_SOFTWARE": "1"}
    server = subprocess.Popen([screen, shown, "-screen", "0", "1280x1024x24", "-nolisten", "tcp"], stderr=_NOWHERE)
    process = subprocess.Popen([driver, f"--port={port}"], env=environ, stderr=_NOWHERE)
    try:
        until(lambda: Path(f"/tmp/.X11-unix/X{number}").exists(), 30)
        yield WebKit(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(30)
        server.terminate()
        server.wait(30)
