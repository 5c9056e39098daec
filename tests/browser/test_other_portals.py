"""Portals that isolate themselves, sandbox frames, bundle scripts, show two servers, or are read by old browsers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from service.pages.assets import widget_script
from tests.browser.portal import ServiceProcess
from tests.support.demonstration import AS_OF, LINES, QUERY, UNIT
from tests.support.portal_pages import portal_pages
from tests.support.webkit import WebKit, webkit

Make = Callable[..., BrowserContext]
Show = Callable[..., Page]
ISOLATED = {"Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Opener-Policy": "same-origin"}
ELEMENT = f'<tthc-widget unit="{UNIT}" as-of="{AS_OF}"></tthc-widget>'
FRAME = f'<iframe src="{{service}}/embed/{UNIT}?{QUERY}{{end}}" {{more}} width="360" height="480"></iframe>'
# What came after Chrome 80, Firefox 75 and Safari 13.1: the element has to do without.
NOT_YET = """
  for (const [owner, names] of [
      [Element.prototype, ["replaceChildren", "checkVisibility", "setHTMLUnsafe"]],
      [Array.prototype, ["at", "findLast", "findLastIndex", "toSorted", "toReversed", "with"]],
      [String.prototype, ["at", "replaceAll", "isWellFormed"]], [Object, ["hasOwn", "groupBy"]],
      [Promise, ["any", "withResolvers"]], [AbortSignal, ["timeout", "any"]], [URL, ["canParse", "parse"]],
      [CSSStyleSheet.prototype, ["replaceSync", "replace"]],
      [window, ["structuredClone", "reportError", "scheduler", "navigation", "CSSContainerRule"]]])
    for (const name of names) delete owner[name];
"""


@pytest.fixture
def show(chromium: Browser) -> Iterator[Show]:
    """Show pages of portals, each with a browser of its own."""
    with ExitStack() as stack:

        def shown(html: str, script: str = "", **headers: str) -> Page:
            context = chromium.new_context(locale="vi-VN", viewport={"width": 1280, "height": 900})
            stack.callback(context.close)
            if script:
                context.add_init_script(script)
            page = context.new_page()
            page.goto(stack.enter_context(portal_pages({"/": html, "/bundle.js": bundle()}, headers)))
            return page

        yield shown


def bundle() -> str:
    """Return a portal's own file of scripts, the widget's among them."""
    return f'"use strict"; window.before = 1;\n{widget_script().decode()}\nwindow.after = 1;'


def test_element_frame_and_badge_work_in_a_page_that_isolates_itself(show: Show, service: ServiceProcess) -> None:
    frame = FRAME.format(service=service.origin, end="", more="")
    badge = f'<img src="{service.origin}/badge/{UNIT}.svg?{QUERY}">'
    script = f'<script src="{service.origin}/widget.js"></script>'
    page = show(script + ELEMENT + frame + badge, **ISOLATED)
    assert page.evaluate("crossOriginIsolated")
    expect(page.locator("tthc-widget .rate")).to_have_text("99.9%")
    expect(page.frame_locator("iframe").locator(".rate")).to_have_text("99.9%")
    page.wait_for_function("document.querySelector('img').naturalWidth > 0")


def test_the_frame_is_styled_in_a_sandbox_and_details_open_from_it(show: Show, service: ServiceProcess) -> None:
    more = 'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox"'
    page = show(FRAME.format(service=service.origin, end="", more=more))
    card = page.frame_locator("iframe").locator("main")
    expect(card).to_have_css("border-top-width", "4px")
    with page.expect_popup() as popup:
        card.locator(".more a").click()
    expect(popup.value.locator("h1")).to_contain_text("Huyện Tứ Kỳ")


def test_a_sandbox_without_popups_asks_its_portal_to_open_details(show: Show, service: ServiceProcess) -> None:
    listening = """<script>addEventListener("message", (event) => {
      if (event.data.message === "link") window.link = event.data.value;
    })</script>"""
    more = 'sandbox="allow-scripts" security="restricted"'  # as WordPress wraps oEmbed
    page = show(listening + FRAME.format(service=service.origin, end="#?secret=x1", more=more))
    page.frame_locator("iframe").locator(".more a").click()
    page.wait_for_function(f"(window.link || '').startsWith('{service.origin}/units/{UNIT}')")


MODULES = [
    '<script type="module" src="{service}/widget.js"></script>',
    '<script type="module">import "{service}/widget.js";</script>',
]


@pytest.mark.parametrize("script", MODULES)
def test_the_element_works_as_a_module(show: Show, service: ServiceProcess, script: str) -> None:
    element = ELEMENT.replace(">", f' base="{service.origin}">', 1) if "import" in script else ELEMENT
    page = show(script.format(service=service.origin) + element)
    expect(page.locator("tthc-widget .rate")).to_have_text("99.9%")


def test_the_element_works_from_a_portal_s_own_bundle(show: Show, service: ServiceProcess) -> None:
    page = show('<script src="/bundle.js"></script>' + ELEMENT.replace(">", f' base="{service.origin}">', 1))
    expect(page.locator("tthc-widget .rate")).to_have_text("99.9%")
    assert page.evaluate("window.after") == 1


def test_two_installations_on_one_page_are_each_asked_for_their_own(
    show: Show, service: ServiceProcess, demo_file: Path
) -> None:
    other = ServiceProcess(demo_file)
    other.start()
    try:
        page = show("".join(f'<script src="{one.origin}/widget.js"></script>{ELEMENT}' for one in (service, other)))
        for place, one in enumerate((service, other)):
            element = page.locator("tthc-widget").nth(place)
            expect(element.locator(".rate")).to_have_text("99.9%")
            assert (element.locator(".more a").get_attribute("href") or "").startswith(one.origin)
    finally:
        other.stop()


def test_an_old_browser_shows_the_numbers_with_their_style(show: Show, service: ServiceProcess) -> None:
    page = show(f'<script src="{service.origin}/widget.js"></script>{ELEMENT}', NOT_YET)
    expect(page.locator("tthc-widget .rate")).to_have_text("99.9%")
    expect(page.locator("tthc-widget section")).to_have_css("border-top-width", "4px")


def test_a_browser_below_the_oldest_has_a_link_that_says_where_it_leads(
    context: Make, show: Show, service: ServiceProcess
) -> None:
    made = context().new_page()
    made.goto(f"{service.origin}/units/{UNIT}/embed?{QUERY}")
    page = show(made.locator("#ma-the").input_value(), "delete window.customElements")
    link = page.locator("tthc-widget a")
    expect(link).to_be_visible()
    expect(link).to_have_text("Kết quả giải quyết TTHC – Huyện Tứ Kỳ")
    assert (link.get_attribute("href") or "").startswith(f"{service.origin}/units/{UNIT}")


def test_back_from_a_time_without_network_it_asks_at_once(show: Show, service: ServiceProcess) -> None:
    page = show(f'<script src="{service.origin}/widget.js"></script>{ELEMENT}')
    expect(page.locator("tthc-widget .rate")).to_have_text("99.9%")
    page.clock.install()
    page.context.set_offline(True)
    page.evaluate("document.querySelector('tthc-widget').setAttribute('formula', 'due')")  # asks, in vain
    expect(page.locator("tthc-widget")).to_contain_text("sẽ tự thử lại")
    page.context.set_offline(False)  # and its clock stands still
    expect(page.locator("tthc-widget .note")).to_have_count(0)
    expect(page.locator("tthc-widget .heading")).to_be_visible()


def test_it_keeps_its_style_when_an_editor_moves_it_into_a_preview(show: Show, service: ServiceProcess) -> None:
    page = show(f'<script src="{service.origin}/widget.js"></script>{ELEMENT}<iframe></iframe>')
    expect(page.locator("tthc-widget .rate")).to_have_text("99.9%")
    page.evaluate("frames[0].document.body.append(document.querySelector('tthc-widget'))")
    expect(page.frame_locator("iframe").locator("tthc-widget section")).to_have_css("border-top-width", "4px")


def test_on_paper_it_is_black_on_white_with_all_its_rows(show: Show, service: ServiceProcess) -> None:
    element = ELEMENT.replace(">", ' variant="table" theme="dark">', 1)
    page = show(f'<script src="{service.origin}/widget.js"></script><div style="width:300px">{element}</div>')
    rows = page.locator("tthc-widget .rows")
    assert rows.evaluate("rows => rows.scrollHeight - rows.clientHeight") > 100
    page.emulate_media(media="print")
    assert rows.evaluate("rows => rows.scrollHeight - rows.clientHeight") <= 1
    expect(page.locator("tthc-widget section")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(page.locator("tthc-widget section")).to_have_css("color", "rgb(0, 0, 0)")


def test_with_forced_colours_dots_have_the_colour_of_text(show: Show, service: ServiceProcess) -> None:
    element = ELEMENT.replace(">", ' variant="chart">', 1)
    page = show(f'<script src="{service.origin}/widget.js"></script>{element}')
    page.emulate_media(forced_colors="active", color_scheme="dark")
    text = page.locator("tthc-widget tbody td").last.evaluate("cell => getComputedStyle(cell).color")
    expect(page.locator("tthc-widget .dots svg").first).to_have_css("fill", text)


def test_element_and_check_work_where_trusted_types_are_required(
    context: Make, show: Show, service: ServiceProcess
) -> None:
    made = context().new_page()
    made.goto(f"{service.origin}/units/{UNIT}/embed?{QUERY}")
    check = made.locator("#ma-kiem-tra").input_value()
    policy = {"Content-Security-Policy": "require-trusted-types-for 'script'; trusted-types 'none'"}
    page = show(f'<script src="{service.origin}/widget.js"></script>{ELEMENT}', **policy)
    expect(page.locator("tthc-widget .rate")).to_have_text("99.9%")
    assert page.evaluate(check) == []


@pytest.fixture(scope="module")
def safari() -> Iterator[WebKit]:
    """Open WebKit once."""
    with webkit() as window:
        yield window


def test_webkit_styles_the_frame_in_a_sandbox_and_runs_the_element(safari: WebKit, service: ServiceProcess) -> None:
    frames = [FRAME.format(service=service.origin, end="", more=more) for more in ("", 'sandbox="allow-scripts"')]
    script = f'<script src="{service.origin}/widget.js"></script>'
    with portal_pages({"/": script + ELEMENT + "".join(frames)}, {}) as origin:
        safari.open(origin)
        rate = "document.querySelector('tthc-widget').shadowRoot.querySelector('.rate')"
        safari.until(f"return Boolean({rate}) && {rate}.textContent === '99.9%'")
        for number in (0, 1):
            safari.enter_frame(number)
            safari.until("return document.readyState === 'complete'")
            assert safari.run("return getComputedStyle(document.querySelector('main')).borderTopWidth") == "4px"
            text = safari.run("return document.body.innerText")
            assert [line for line in LINES if line not in text] == []
