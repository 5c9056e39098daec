"""A real Chromium, the real service beside it, and a watch over every request that leaves."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.portal import ROOT, ServiceProcess, portal
from tests.support.demonstration import demo_app, demo_copy, demo_file
from tests.support.required_programs import require

__all__ = ["demo_app", "demo_copy", "demo_file"]

expect.set_options(timeout=60_000)  # a busy machine is no defect
SCREENSHOTS = ROOT / "build" / "screenshots"
_QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start the browser once."""
    path = require("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def service(chromium: Browser, demo_file: Path) -> Iterator[ServiceProcess]:
    """Run the service on the demonstration."""
    process = ServiceProcess(demo_file)
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="session")
def host(service: ServiceProcess) -> Iterator[str]:
    """Serve a portal of another origin."""
    with portal(service.origin) as origin:
        yield origin


@pytest.fixture
def context(chromium: Browser, service: ServiceProcess, host: str) -> Iterator[Callable[..., BrowserContext]]:
    """Make browser contexts; at the end, no request may have left for another host, and no script failed."""
    opened: list[BrowserContext] = []
    asked: list[str] = []
    errors: list[str] = []

    def make(**options: Any) -> BrowserContext:
        made = chromium.new_context(locale="vi-VN", **options)
        made.on("request", lambda request: asked.append(request.url))
        made.on("weberror", lambda error: errors.append(str(error.error)))
        opened.append(made)
        return made

    yield make
    for one in opened:
        one.close()
    ours = {urlsplit(service.origin).netloc, urlsplit(host).netloc}
    assert asked
    assert {urlsplit(url).netloc for url in asked} <= ours
    assert errors == []


def keep(page: Page, name: str) -> None:
    """Keep a screenshot of the whole page, to be looked at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
