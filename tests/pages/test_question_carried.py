"""Every address that leads from one rendering to another carries the question that was asked, whatever it is."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from service.http.addresses import QUESTION_PARAMETERS
from tests.pages.reading import strict
from tests.support.client import Client, dossier

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What an address carries does not depend on where dossiers are stored."""

FIELD = "Đất đai & môi trường / #1 + 50%"
TO_OCTOBER = {"as_of": "2023-10-31"}
QUESTIONS: dict[str, dict[str, str]] = {
    "days of one's own": {"from": "2023-10-02", "to": "2023-10-20", "as_of": "2023-10-31T09:30:00+07:00"},
    "a field with signs": {"period": "2023-10", "field": FIELD, "lang": "en"} | TO_OCTOBER,
    "filters": {"period": "2023-Q4", "channel": "postal", "procedure": "1.000001", "level": "district"} | TO_OCTOBER,
    "its own months": {"period": "month", "calendar": "2,20", "structure": "current", "subtree": "0"} | TO_OCTOBER,
    "rounded": {"period": "2023-W40", "formula": "due/1", "decimals": "2", "honest_ends": "off"} | TO_OCTOBER,
}


@pytest.fixture(params=QUESTIONS, ids=list(QUESTIONS))
def asked(request: pytest.FixtureRequest, client: Client) -> dict[str, str]:
    """Give a question that some dossiers answer."""
    client.batch(
        dossier(str(number), channel=channel, field_name=field, procedure_code="1.000001")
        for number, (channel, field) in enumerate((("postal", FIELD), ("online", FIELD), ("direct", "Hộ tịch")))
    )
    return QUESTIONS[request.param]


def carried(address: str) -> dict[str, str]:
    """Return the question in an address, without the look of a widget."""
    return {name: value for name, value in parse_qsl(urlsplit(address).query) if name in QUESTION_PARAMETERS}


def hrefs(page: str, kind: str, attribute: str) -> Iterator[str]:
    for element in strict(page).iter():
        if element.tag.endswith(f"}}{kind}") and (address := element.get(attribute)):
            yield address


def test_the_widget_leads_to_the_same_question(client: Client, asked: dict[str, str]) -> None:
    address = client.widget(**asked)["details_url"]
    assert (urlsplit(address).path, carried(address)) == ("/units/H23.45", asked)


def test_the_page_that_it_leads_to_shows_the_same_numbers(client: Client, asked: dict[str, str]) -> None:
    address = urlsplit(client.widget(**asked)["details_url"])
    again: Any = client.http.get(f"/api/v1/widget/{address.path.removeprefix('/units/')}?{address.query}").json
    assert again == client.widget(**asked)


def test_the_frame_leads_to_the_same_question(client: Client, asked: dict[str, str]) -> None:
    frame = client.get("/embed/H23.45", **asked).text
    assert [carried(address) for address in hrefs(frame, "a", "href")] == [asked]


@pytest.mark.parametrize("unit", ["H23.45", "000.00.45.H23", "h23.45"])
def test_a_page_names_itself_and_its_embed_by_the_question(client: Client, asked: dict[str, str], unit: str) -> None:
    links = list(hrefs(client.get(f"/units/{unit}", **asked).text, "link", "href"))
    canonical = next(link for link in links if "/units/" in link and "oembed" not in link)
    assert (urlsplit(canonical).path, carried(canonical)) == ("/units/H23.45", asked)
    oembed = next(link for link in links if "/oembed" in link)
    assert dict(parse_qsl(urlsplit(oembed).query))["url"] == canonical


def test_oembed_frames_the_same_question(client: Client, asked: dict[str, str]) -> None:
    told: Any = client.get("/oembed", url=client.widget(**asked)["details_url"]).json
    (frame,) = hrefs(f"<!doctype html><title>x</title>{told['html']}", "iframe", "src")
    assert (urlsplit(frame).path, carried(frame)) == ("/embed/H23.45", asked)


def test_every_code_to_copy_asks_the_same_question(client: Client, asked: dict[str, str]) -> None:
    page = client.get("/units/H23.45/embed", **asked, frozen="1").text
    codes = [unescape(text) for text in re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)]
    codes.pop()  # what checks the portal's own page asks nothing
    addresses = [address for code in codes for address in re.findall(r"https?://[^\s\"<>]+", code) if "?" in address]
    oembed = next(address for address in addresses if "/oembed?" in address)
    addresses[addresses.index(oembed)] = dict(parse_qsl(urlsplit(unescape(oembed)).query))["url"]
    assert [carried(unescape(address)) for address in addresses] == [asked] * 8


@pytest.mark.parametrize("frozen", ["1", ""])
def test_choosing_another_variant_keeps_the_question(client: Client, asked: dict[str, str], frozen: str) -> None:
    page = strict(client.get("/units/H23.45/embed", **asked, frozen=frozen).text)
    form = next(one for one in page.iter() if one.tag.endswith("}form") and "configure" in (one.get("class") or ""))
    fields = {**chosen_in(form), "variant": "strip"}
    assert {name: fields[name] for name in QUESTION_PARAMETERS if fields.get(name)} == asked
    assert client.get("/units/H23.45/embed", **fields).status_code == 200


def test_every_period_that_a_page_offers_can_be_asked_for(client: Client, asked: dict[str, str]) -> None:
    """Two dates are shown there, and a browser wants another choice before it sends the form."""
    page = strict(client.get("/units/H23.45", **asked).text)
    (select,) = (one for one in page.iter() if one.tag.endswith("}select") and one.get("name") == "period")
    assert (select.get("required") is not None) == ("from" in asked)
    rest = {name: value for name, value in asked.items() if name not in ("period", "from", "to")}
    offered = filter(None, (option.get("value") for option in select))
    assert {client.get("/units/H23.45", **rest, period=name).status_code for name in offered} == {200}


def chosen_in(form: Any) -> dict[str, str]:
    """Return what a browser would send of a form as it stands."""
    fields = {}
    for element in form.iter():
        if name := element.get("name"):
            options = [option for option in element.iter() if option.tag.endswith("}option")]
            selected = [option for option in options if option.get("selected") is not None] or options[:1]
            if options or element.get("type") != "checkbox" or element.get("checked") is not None:
                fields[name] = (selected[-1] if options else element).get("value") or ""
    return fields


def test_the_element_asks_the_same_question(client: Client, asked: dict[str, str]) -> None:
    """Its attributes have the names of the parameters, with - for _."""
    page = strict(client.get("/units/H23.45/embed", **asked, frozen="1").text)
    elements = [element.attrib for element in page.iter() if element.tag.endswith("}tthc-widget")]
    named = [{name.replace("-", "_"): value for name, value in element.items()} for element in elements]
    assert [{name: own[name] for name in QUESTION_PARAMETERS if name in own} for own in named] == [asked] * 3


def test_the_script_of_the_element_passes_every_parameter_on(client: Client) -> None:
    script = client.http.get("/widget.js").text
    listed = re.search(r"const ASKED = \[(.*?)\];", script, re.DOTALL)
    assert listed is not None
    passed_on = {name.replace("-", "_") for name in re.findall(r'"([a-z-]+)"', listed[1])}
    assert passed_on == {*QUESTION_PARAMETERS, "counter", "compare"} - {"lang"}, "lang is passed on by itself"
