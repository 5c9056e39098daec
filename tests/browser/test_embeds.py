"""What a portal of another origin shows, with the service there and with it away."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import keep
from tests.browser.portal import ServiceProcess
from tests.support.demonstration import LINES, QUERY, UNIT

Make = Callable[..., BrowserContext]


def open_portal(context: BrowserContext, host: str) -> Page:
    """Open the portal and wait for the first element to show a number."""
    page = context.new_page()
    page.goto(host)
    expect(page.locator("tthc-widget").first.locator(".rate")).to_have_text("99.9%")
    return page


def test_element_iframe_and_badge_show_the_portals_numbers_under_a_strict_policy(context: Make, host: str) -> None:
    page = open_portal(context(viewport={"width": 1280, "height": 1500}), host)  # a frame out of view is not drawn
    for place in (
        page.locator("tthc-widget").first,
        page.locator("tthc-widget").last,
        page.frame_locator("iframe").locator("main"),
    ):
        for line in LINES:
            expect(place).to_contain_text(line)
    assert page.evaluate("document.querySelector('img').naturalWidth") > 100
    assert page.evaluate("document.querySelector('tthc-widget').shadowRoot.mode") == "open"
    assert page.evaluate("document.querySelector('tthc-widget').shadowRoot.adoptedStyleSheets.length") == 1
    background = "getComputedStyle(document.querySelectorAll('tthc-widget')[1].shadowRoot.firstChild).backgroundColor"
    assert page.evaluate(background) == "rgb(23, 33, 43)"
    keep(page, "portal")


def test_several_elements_share_one_request(context: Make, host: str) -> None:
    made = context()
    asked: list[str] = []
    made.on("request", lambda request: asked.append(request.url))
    open_portal(made, host)
    assert len([url for url in asked if "/api/v1/widget/" in url]) == 1


def test_the_formula_is_one_tap_away_and_details_lead_to_the_same_question(context: Make, host: str) -> None:
    page = open_portal(context(), host)
    element = page.locator("tthc-widget").first
    element.locator("summary").click()
    expect(element.locator("details")).to_contain_text("41049 / 41075 = 99.9% (timed/1)")
    expect(element.locator("details")).to_contain_text("(Trước hạn + đúng hạn) ÷ (trước hạn + đúng hạn + trễ hạn)")
    with page.expect_popup() as popup:
        element.locator("a").click()
    expect(popup.value.locator("h1")).to_contain_text("Huyện Tứ Kỳ")
    expect(popup.value.locator(".hero .rate")).to_have_text("99,9 %")


def test_with_the_service_away_the_last_good_answer_stays_with_its_age(
    context: Make, host: str, service: ServiceProcess
) -> None:
    made = context()
    page = made.new_page()
    page.clock.install()
    page.goto(host)
    element = page.locator("tthc-widget").first
    expect(element.locator(".rate")).to_have_text("99.9%")
    service.stop()
    try:
        page.clock.fast_forward("05:00")
        expect(element.locator(".note")).to_contain_text("số liệu nhận cách đây 5 phút")
        expect(element).to_contain_text("Số hồ sơ xử lý: 41362")
        keep(page, "portal-service-away")
        page.reload()  # a later visit: the script comes from the browser's cache, the numbers from its storage
        expect(element.locator(".rate")).to_have_text("99.9%")
        expect(element.locator(".note")).to_contain_text("Tạm thời không kết nối được")
    finally:
        service.start()
    page.clock.fast_forward("10:00")
    expect(element.locator(".note")).to_have_count(0)


def test_a_service_that_is_away_from_the_start_leaves_the_portal_alone(context: Make, host: str) -> None:
    page = context().new_page()
    page.route("**/api/v1/widget/**", lambda route: route.abort())
    page.goto(host)
    expect(page.locator("tthc-widget").first).to_contain_text("sẽ tự thử lại")
    expect(page.locator("h1")).to_have_text("Cổng thông tin điện tử")


def test_storage_that_is_refused_does_no_harm(context: Make, host: str) -> None:
    made = context()
    made.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('refused') }})")
    open_portal(made, host)


def test_an_unknown_unit_says_so(context: Make, host: str) -> None:
    page = open_portal(context(), host)
    page.evaluate("document.querySelector('tthc-widget').setAttribute('unit', 'NOPE')")
    expect(page.locator("tthc-widget").first).to_contain_text("Không có đơn vị 'NOPE'")
    expect(page.locator("tthc-widget").first).not_to_contain_text("no such unit")  # one language at a time
    expect(page.locator("tthc-widget").last.locator(".rate")).to_have_text("99.9%")


def test_attributes_change_what_is_shown(context: Make, host: str) -> None:
    page = open_portal(context(), host)
    page.evaluate("document.querySelector('tthc-widget').setAttribute('lang', 'en')")
    expect(page.locator("tthc-widget").first).to_contain_text("Dossiers handled: 41362")
    page.evaluate("document.querySelector('tthc-widget').setAttribute('formula', 'completion')")
    expect(page.locator("tthc-widget").first.locator(".rate")).to_have_text("99.3%")


def test_without_script_iframe_and_badge_are_complete(context: Make, host: str) -> None:
    page = context(java_script_enabled=False).new_page()
    page.goto(host)
    for line in LINES:
        expect(page.frame_locator("iframe").locator("main")).to_contain_text(line)
    page.frame_locator("iframe").locator("summary").click()
    expect(page.frame_locator("iframe").locator("details")).to_contain_text("41049 / 41075")
    keep(page, "portal-without-script")


def test_an_embed_at_its_size_needs_no_scrolling(context: Make, service: ServiceProcess) -> None:
    page = context(viewport={"width": 360, "height": 480}).new_page()
    page.goto(f"{service.origin}/embed/{UNIT}?{QUERY}")
    assert page.evaluate("document.documentElement.scrollHeight") <= 480
    keep(page, "embed")
