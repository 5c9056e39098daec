"""oEmbed: a site that is given the address of a unit's page learns how to embed it."""

from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.pages.reading import strict
from tests.support.client import Client, dossier
from tests.support.demonstration import QUERY, UNIT


@pytest.fixture
def browser(demo_app: Flask) -> FlaskClient:
    """Give a client on the demonstration."""
    return demo_app.test_client()


def test_oembed_answers_for_the_address_that_a_page_names(browser: FlaskClient) -> None:
    page = strict(browser.get(f"/units/{UNIT}?{QUERY}&formula=due").text)
    links = [link.get("href") or "" for link in page.iter() if link.get("type") == "application/json+oembed"]
    oembed: Any = browser.get(links[0].removeprefix("http://localhost") + "&maxwidth=300&maxheight=9999").json
    assert (oembed["version"], oembed["type"], oembed["width"]) == ("1.0", "rich", 300)
    assert 460 < oembed["height"] < 600  # what the card needs at 300 px, a line more, and a note of age
    frame = strict(f"<!doctype html><title>x</title>{oembed['html']}")
    src = next(element.get("src") or "" for element in frame.iter() if element.tag.endswith("}iframe"))
    embed = browser.get(src.removeprefix("http://localhost"))
    assert "99.9%" in embed.text
    assert "due/1" in embed.text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("url=https://elsewhere.example/units/H23.45", 404),
        ("url=http://localhost/docs", 404),
        ("url=http://[", 404),
        ("url=http://localhost/units/NOPE", 404),
        ("", 404),
        (f"url=http://localhost/units/{UNIT}&format=yaml", 501),
        (f"url=http://localhost/units/{UNIT}%3Fperiod=x", 400),
    ],
)
def test_oembed_refuses_what_it_cannot_embed(browser: FlaskClient, query: str, status: int) -> None:
    assert browser.get(f"/oembed?{query}").status_code == status


ADDRESSES = [
    "http://localhost/units/H23.45", "http://LOCALHOST/units/H23.45/", "http://localhost:80/units/H23.45",
    "http://localhost/embed/H23.45/", "https://localhost:443/units/H23.45", "http://localhost./units/H23.45/embed",
]  # fmt: skip


@pytest.mark.parametrize("url", ADDRESSES)
def test_oembed_knows_its_own_address_however_it_is_written(client: Client, url: str) -> None:
    client.push(dossier())
    assert client.get("/oembed", url=url).status_code == 200


@pytest.mark.parametrize(
    "url", ["http://localhost:81/units/H23.45", "http://localhost:x/units/H23.45", "http://[/units/H23.45"]
)
def test_oembed_refuses_another_address(client: Client, url: str) -> None:
    client.push(dossier())
    assert client.get("/oembed", url=url).status_code == 404


def test_oembed_says_the_same_in_xml(client: Client) -> None:
    client.push(dossier(unit_name="Sở A & B <C>"))
    url = "http://localhost/units/H23.45"
    told: Any = client.get("/oembed", url=url).json
    answer = client.get("/oembed", url=url, format="xml")
    root = ElementTree.fromstring(answer.data)
    assert answer.mimetype == "text/xml"
    assert root.tag == "oembed"
    assert {element.tag: element.text for element in root} == {name: str(value) for name, value in told.items()}
