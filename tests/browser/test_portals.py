"""Every variant on copies of the portals it is made for, narrow and wide: legible, whole, and at rest."""

import re
import urllib.request
from collections.abc import Callable
from html import unescape
from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import keep
from tests.browser.layouts import LAYOUTS
from tests.browser.portal import ServiceProcess
from tests.support.demonstration import QUERY, UNIT

Make = Callable[..., BrowserContext]
VARIANTS = ("card", "line", "strip", "ranking", "table", "chart")
WIDTHS = ("230px", "300px", "100%")
RATES = re.compile(r"\d+\.\d%")
_SHIFTS = """new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted = (window.shifted || 0) + entry.value;
}).observe({type: "layout-shift", buffered: true})"""
_TOO_SMALL = """() => {
  const root = document.querySelector("tthc-widget").shadowRoot, small = [];
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement, style = getComputedStyle(element);
    if (!element.checkVisibility() || !walk.currentNode.data.trim()) continue;
    const least = element.closest(".clock") ? 12 : 14;
    if (parseFloat(style.fontSize) < least) small.push([walk.currentNode.data, style.fontSize]);
  }
  return small;
}"""
_CLIPPED = """() => [...document.querySelector("tthc-widget").shadowRoot.querySelectorAll("*")]
  .filter((one) => one.checkVisibility() && one.clientWidth && one.scrollWidth > one.clientWidth + 1)
  .map((element) => element.outerHTML.slice(0, 80))"""


def shown(page: Page, host: str, layout: str, width: str, room: str = "", **attributes: str) -> None:
    """Open a portal's page and wait until the widget shows its answer."""
    page.add_init_script(_SHIFTS)
    told = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    page.goto(f"{host}/{layout}?{urlencode({'width': width, 'attributes': f'{told} {room}'})}")
    expect(page.locator("tthc-widget .rate:not([aria-busy] *)")).to_have_text(RATES)


def room_for(service: ServiceProcess, width: str, **attributes: str) -> str:
    """Return the style that the configurator gives with its code, so that nothing on the portal's page moves."""
    asked = urlencode({**attributes, "width": width.removesuffix("px"), "frozen": "1"})
    with urllib.request.urlopen(f"{service.origin}/units/{UNIT}/embed?{QUERY}&{asked}") as reply:
        code = unescape(reply.read().decode())
    return (re.search(r"<tthc-widget [^>]*(style=\"display:block;[^\"]+\")", code) or [""])[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_variant_is_legible_whole_and_at_rest(
    context: Make, host: str, service: ServiceProcess, layout: str, scheme: str
) -> None:
    made = context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    for variant in VARIANTS:
        for width in WIDTHS:
            page = made.new_page()
            shown(page, host, layout, width, room_for(service, width, variant=variant), variant=variant)
            is_well_placed(page, f"{variant} at {width}")
            if scheme == "light" and width == "300px":
                keep(page, f"portal-{layout}-{variant}")
            page.close()


def is_well_placed(page: Page, where: str) -> None:
    """Look at sizes of text, what is cut off, and what moved."""
    assert page.evaluate(_TOO_SMALL) == [], where
    assert page.evaluate(_CLIPPED) == [], where
    assert page.evaluate("window.shifted || 0") < 0.02, where
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, where


OPTIONS = (
    {"counter": "on", "compare": "year_ago", "lang": "en"},
    {"counter": "on", "formula": "completion", "period": "2023-Q3"},
    {"header": "off", "theme": "auto"},
)


@pytest.mark.parametrize("options", OPTIONS)
def test_every_variant_with_all_that_can_be_chosen_is_so_too(
    context: Make, host: str, service: ServiceProcess, options: dict[str, str]
) -> None:
    made = context(viewport={"width": 1280, "height": 900}, color_scheme="dark")
    phone = context(viewport={"width": 360, "height": 740})
    for variant in VARIANTS:
        for width, where in (("230px", made), ("300px", made), ("100%", made), ("100%", phone)):
            page, chosen = where.new_page(), {**options, "variant": variant}
            shown(page, host, "bootstrap3", width, room_for(service, width, **chosen), **chosen)
            is_well_placed(page, f"{chosen} at {width} of {page.viewport_size}")
            page.close()


def test_header_off_keeps_the_numbers_and_a_name_for_readers(context: Make, host: str) -> None:
    page = context().new_page()
    shown(page, host, "modern", "300px", header="off")
    expect(page.locator("tthc-widget .title")).to_be_hidden()
    expect(page.locator("tthc-widget section")).to_have_attribute("aria-label", "Kết quả giải quyết TTHC – Huyện Tứ Kỳ")


def test_a_ranking_says_that_the_numbers_cannot_tell_units_apart(context: Make, host: str) -> None:
    page = context().new_page()
    shown(page, host, "modern", "300px", variant="ranking")
    expect(page.locator("tthc-widget tbody tr")).to_have_count(24)
    expect(page.locator("tthc-widget section")).to_contain_text("Số liệu chưa đủ để xếp hạng 24 đơn vị")
    expect(page.locator("tthc-widget tbody tr").first).not_to_contain_text("1–24")
    expect(page.locator("tthc-widget .dots svg")).to_have_count(24)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_newest_month_of_a_chart_is_seen_first_and_nothing_scrolls(context: Make, host: str, width: str) -> None:
    page = context(viewport={"width": 1280, "height": 900}).new_page()
    shown(page, host, "modern", width, variant="chart")
    expect(page.locator("tthc-widget tbody tr").first).to_contain_text("10/2023")
    rows = page.locator("tthc-widget .rows")
    assert rows.evaluate("rows => rows.scrollHeight - rows.clientHeight") <= 1


@pytest.mark.parametrize("variant", ["ranking", "table"])
def test_rows_that_have_no_room_say_that_they_scroll(
    context: Make, host: str, service: ServiceProcess, variant: str
) -> None:
    page = context(viewport={"width": 1280, "height": 900}).new_page()
    shown(page, host, "modern", "300px", variant=variant)
    expect(page.locator("tthc-widget .more-rows")).to_be_visible()
    expect(page.locator("tthc-widget .more-rows")).to_have_text("↓ Cuộn để xem cả 24 đơn vị")
    page.goto(f"{service.origin}/embed/{UNIT}?{QUERY}&variant={variant}")
    expect(page.locator(".more-rows")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_seen_behind_the_round_corners_of_a_frame(
    context: Make, service: ServiceProcess, theme: str, scheme: str
) -> None:
    page = context(viewport={"width": 600, "height": 900}, color_scheme=scheme).new_page()
    page.goto(f"{service.origin}/units/{UNIT}/embed?{QUERY}&theme={theme}")
    code = page.locator("#ma-khung").input_value().partition("<script")[0]
    place = f"{service.origin}/portal"
    ground = f"<style>:root{{color-scheme:{scheme}}}body{{margin:0;background:#123456}}</style>{code}"
    page.route(place, lambda route: route.fulfill(body=ground, content_type="text/html"))
    page.goto(place)
    expect(page.frame_locator("iframe").locator(".rate")).to_be_visible()
    corner = page.screenshot(clip={"x": 0, "y": 0, "width": 1, "height": 1})
    plain = page.screenshot(clip={"x": 500, "y": 800, "width": 1, "height": 1})
    assert corner == plain


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_frame_shows_the_same_words_as_the_element(
    context: Make, host: str, service: ServiceProcess, variant: str
) -> None:
    made = context(viewport={"width": 1280, "height": 900})
    portal, frame = made.new_page(), made.new_page()
    shown(portal, host, "modern", "360px", variant=variant)
    frame.set_viewport_size({"width": 360, "height": 900})
    frame.goto(f"{service.origin}/embed/{UNIT}?{QUERY}&variant={variant}")
    words = [one.inner_text().split() for one in (portal.locator("tthc-widget section"), frame.locator("main"))]
    assert words[0] == words[1]


def test_an_accent_colours_element_and_frame(context: Make, host: str, service: ServiceProcess) -> None:
    page = context().new_page()
    shown(page, host, "modern", "300px", accent="b30000")
    colour = "getComputedStyle({}).color"
    element = page.evaluate(colour.format("document.querySelector('tthc-widget').shadowRoot.querySelector('.rate')"))
    page.goto(f"{service.origin}/embed/{UNIT}?{QUERY}&accent=%23b30000")
    frame = page.evaluate(colour.format("document.querySelector('.rate')"))
    assert [element, frame] == ["rgb(179, 0, 0)"] * 2


def test_what_is_chosen_shows_at_once_and_in_the_code(context: Make, service: ServiceProcess) -> None:
    page = context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{service.origin}/units/{UNIT}/embed?{QUERY}&frozen=1")
    page.get_by_label("Dạng").select_option("ranking")
    expect(page.locator("tthc-widget tbody").first).to_contain_text("Xã An Thanh")
    expect(page.locator("#ma-the")).to_contain_text('variant="ranking"')
    page.get_by_label("Bề rộng khung").select_option("230")
    expect(page.locator("#ma-khung")).to_contain_text('width="230"')


def test_the_check_names_the_line_that_a_portal_lacks(context: Make, host: str, service: ServiceProcess) -> None:
    made = context(viewport={"width": 1280, "height": 900})
    page = made.new_page()
    page.goto(f"{service.origin}/units/{UNIT}/embed?{QUERY}")
    check = page.locator("#ma-kiem-tra").input_value()
    page.goto(host)
    assert page.evaluate(check) == []
    page.goto(f"{host}/scripts-only")
    told = page.evaluate(check)
    lacking = [f"CSP thiếu / is missing: {name} {service.origin}" for name in ("connect-src", "frame-src", "img-src")]
    assert sorted(told) == lacking


def test_a_narrow_table_has_room_in_a_wide_font(context: Make, host: str) -> None:
    """Machines without the fonts that are asked for show DejaVu Sans, or whatever they have."""
    page = context(viewport={"width": 1280, "height": 900}).new_page()
    shown(page, host, "modern", "230px", variant="table", style="--tthc-font:'DejaVu Sans',monospace")
    assert page.evaluate(_CLIPPED) == []
