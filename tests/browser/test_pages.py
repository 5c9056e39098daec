"""The pages as people meet them: small and large, light and dark, without script, by keyboard, and with a reader."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import keep
from tests.browser.portal import ServiceProcess
from tests.support.demonstration import LINES, QUERY, UNIT

Make = Callable[..., BrowserContext]
PAGES = {
    "units": "/",
    "results": f"/?{QUERY}",
    "tree": "/?view=tree",
    "search": "/?q=tu+ky",
    "details": f"/units/{UNIT}?{QUERY}",
    "details-en": f"/units/{UNIT}?{QUERY}&lang=en&formula=national",
    "month": f"/units/{UNIT}?{QUERY}&period=2023-09",
    "how-to-embed": f"/units/{UNIT}/embed?{QUERY}",
    "embed": f"/embed/{UNIT}?{QUERY}",
    "formulas": "/formulas",
    "formulas-en": "/formulas?lang=en",
    "status": "/status",
    "error": "/units/NOPE",
}
VIEWS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1200, "height": 900}},
    "dark": {"viewport": {"width": 1200, "height": 900}, "color_scheme": "dark"},
    "320": {"viewport": {"width": 320, "height": 640}},
}


def _sideways(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_serious_is_in_the_way_of_anybody(context: Make, service: ServiceProcess, view: str) -> None:
    page = context(**VIEWS[view]).new_page()
    for name, path in PAGES.items():
        page.goto(service.origin + path)
        assert _sideways(page) <= 0, f"{name} scrolls sideways"
        page.mouse.move(0, 0)
        broken = Axe().run(page).response["violations"]
        serious = [(one["id"], one["nodes"][0]["html"]) for one in broken if one["impact"] in ("serious", "critical")]
        assert serious == [], name
        keep(page, f"{name}-{view}")


def test_at_200_percent_nothing_is_lost(context: Make, service: ServiceProcess) -> None:
    # A 1280 px window zoomed to 200 % has room for 640 CSS pixels (WCAG 1.4.4, 1.4.10).
    page = context(viewport={"width": 640, "height": 450}, device_scale_factor=2).new_page()
    for name, path in PAGES.items():
        page.goto(service.origin + path)
        assert _sideways(page) <= 0, name
        page.evaluate("document.documentElement.style.fontSize = '200%'")  # and text alone
        assert _sideways(page) <= 0, f"{name}, text alone"
    page.goto(service.origin + PAGES["details"])
    expect(page.locator(".hero .rate")).to_be_visible()
    keep(page, "details-200-percent")


def test_without_script_the_details_page_is_complete(context: Make, service: ServiceProcess) -> None:
    page = context(java_script_enabled=False).new_page()
    page.goto(f"{service.origin}/")
    page.get_by_role("link", name="Xem huyện Tứ Kỳ").click()
    for line in (LINES[1], "99,9 %", "Số hồ sơ xử lý: 41.362", "Trước & đúng hạn: 41.049", "Trễ hạn: 26"):
        expect(page.locator(".hero")).to_contain_text(line)
    for heading in (
        "Xu hướng theo tháng", "Theo đơn vị trực thuộc", "Theo lĩnh vực", "Theo hình thức nộp",
        "Hồ sơ đang giải quyết theo thời gian kể từ khi tiếp nhận", "Con số này được tính thế nào",
        "Chất lượng dữ liệu", "Tải về và nhúng",
    ):  # fmt: skip
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    page.locator(".choose summary").click()
    page.locator("select[name=formula]").select_option("workload/1")
    page.get_by_role("button", name="Tính theo cách này").click()
    expect(page.locator(".fraction")).to_contain_text("41.336")
    page.locator(".choose summary").click()
    page.locator("input[name=from]").fill("2023-09-01")
    page.locator("input[name=to]").fill("2023-09-30")
    page.get_by_role("button", name="Xem những ngày này").click()
    expect(page.locator(".hero h2")).to_contain_text("Từ 01/09/2023 đến 30/09/2023")
    expect(page.locator(".ratename")).to_contain_text("workload/1")
    page.get_by_role("link", name="Trễ hạn", exact=True).click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Trễ hạn")


def test_the_keyboard_alone_is_enough(context: Make, service: ServiceProcess) -> None:
    page = context().new_page()
    page.goto(f"{service.origin}/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Xem huyện Tứ Kỳ")).to_be_focused()
    _tab_to(page, page.get_by_role("searchbox"))
    page.keyboard.type("van to")
    expect(page.locator(".glance tbody tr:visible")).to_have_count(1)  # as one types; all units by Enter
    page.keyboard.press("Enter")
    page.wait_for_url("**q=van+to")
    commune = page.get_by_role("link", name="Xã Văn Tố")
    _tab_to(page, commune)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Xã Văn Tố")
    period = page.locator("select[name=period]")
    _tab_to(page, period)
    assert period.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".hero h2")).to_contain_text("Tháng 9/2023")


def _tab_to(page: Page, target: object) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):  # type: ignore[attr-defined]
            return
    raise AssertionError("cannot be reached with the keyboard")


def test_the_keyboard_opens_the_formula_of_an_element(context: Make, host: str) -> None:
    page = context().new_page()
    page.goto(host)
    element = page.locator("tthc-widget").first
    expect(element.locator(".rate")).to_have_text("99.9%")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(element.locator("details")).to_have_attribute("open", "")
    page.keyboard.press("Tab")
    focused = "document.querySelector('tthc-widget').shadowRoot.activeElement.localName"
    assert page.evaluate(focused) == "a"


def test_the_code_to_embed_is_copied_by_a_button_and_works(context: Make, service: ServiceProcess) -> None:
    made = context()
    made.grant_permissions(["clipboard-read", "clipboard-write"])
    page = made.new_page()
    page.goto(service.origin + PAGES["how-to-embed"])
    page.get_by_role("button", name="Sao chép").nth(1).click()
    expect(page.get_by_role("button", name="Đã sao chép")).to_be_visible()
    code: str = page.evaluate("navigator.clipboard.readText()")
    assert code.startswith(f'<iframe src="{service.origin}/embed/{UNIT}" ')


def test_the_previews_show_what_the_code_will_show(context: Make, service: ServiceProcess) -> None:
    page = context().new_page()
    page.goto(service.origin + PAGES["how-to-embed"])
    assert "as-of" not in page.locator("#ma-the").input_value()
    expect(page.locator("tthc-widget .rate").first).to_have_text("–")  # nothing ended this year
    expect(page.frame_locator("iframe").locator(".rate")).to_have_text("–")
    page.goto(service.origin + PAGES["how-to-embed"] + "&frozen=1")
    assert "as-of" in page.locator("#ma-the").input_value()
    expect(page.locator("tthc-widget .rate").first).to_have_text("99.9%")
    expect(page.frame_locator("iframe").locator(".rate")).to_have_text("99.9%")


def test_a_district_on_a_phone_is_short_and_shows_what_matters(context: Make, service: ServiceProcess) -> None:
    page = context(viewport={"width": 360, "height": 740}).new_page()
    page.goto(service.origin + PAGES["details"])
    assert page.evaluate("document.documentElement.scrollHeight") < 3000
    assert page.locator(".hero .rate").bounding_box()["y"] < 600
    page.get_by_role("heading", name="Theo đơn vị trực thuộc").click()
    for heading in ("Đơn vị", "Tỷ lệ đúng hạn", "Trễ hạn"):
        box = page.locator("#don-vi >> xpath=../..").get_by_role("columnheader", name=heading).bounding_box()
        assert box["x"] + box["width"] <= 360, heading
    page.goto(f"{service.origin}{PAGES['details']}#cong-thuc")
    expect(page.locator("#cong-thuc")).to_be_in_viewport()


def test_a_picture_of_a_whole_page_lacks_nothing(context: Make, service: ServiceProcess) -> None:
    """What is laid out only near the screen is blank in pictures, and its height is a guess."""
    page = context().new_page()
    page.goto(service.origin + PAGES["details"])
    laid_out = "parts => parts.every(part => getComputedStyle(part).contentVisibility === 'visible')"
    assert page.locator("main > section, .part").count() > 5
    assert page.locator("main > section, .part").evaluate_all(laid_out)


def test_paper_shows_the_numbers_and_not_the_buttons(context: Make, service: ServiceProcess) -> None:
    page = context(viewport={"width": 794, "height": 1123}).new_page()
    page.goto(service.origin + PAGES["details"])
    page.emulate_media(media="print")
    expect(page.locator(".hero .rate")).to_be_visible()
    expect(page.locator(".choose")).to_be_hidden()
    expect(page.locator(".top")).to_be_hidden()
    keep(page, "details-print")


def test_a_sheet_of_paper_is_no_phone(context: Make, service: ServiceProcess) -> None:
    page = context(viewport={"width": 718, "height": 1047}).new_page()  # A4 within its margins
    page.goto(service.origin + PAGES["details"])
    page.emulate_media(media="print")
    assert page.locator(".chart .side").first.evaluate("element => getComputedStyle(element).fontSize") == "12px"
    expect(page.locator(".chart .name").first).to_be_visible()


def test_the_documentation_needs_nothing_that_its_policy_forbids(context: Make, service: ServiceProcess) -> None:
    page, told = context().new_page(), list[str]()
    page.on("console", lambda message: told.append(message.text))
    page.goto(f"{service.origin}/docs")
    page.locator(".opblock-summary-control").first.click()
    page.locator(".try-out__btn").first.click()
    expect(page.locator(".execute").first).to_be_visible()
    assert "unsafe-inline" not in str(page.request.get(f"{service.origin}/docs").headers["content-security-policy"])
    assert [text for text in told if "Content Security Policy" in text] == []
