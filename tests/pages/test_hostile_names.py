"""Names that try to break out: they are shown as the text they are, everywhere."""

import csv
import io
import json
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.pages.reading import strict, text_of
from tests.support.client import Client, dossier

SCRIPT = "<script>window.hacked=1</script>"
NAMES = (
    SCRIPT,
    "\"><img src=x onerror=window.hacked=1> ' -- ",
    "</title></textarea></svg><svg onload=window.hacked=1>",
    "abc \u202e\u2067ذلك\u200f xyz",
    "Ủy ban nhân dân " + "rất dài " * 40,
    "{{ 7 * 7 }} {% include 'x' %} ${7*7}",
    '=HYPERLINK("http://example.invalid")',
)
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""How a name is shown does not depend on where it is stored."""

PATHS = ("/", "/?q=H23", "/units/H23.45", "/units/H23.45?lang=en", "/units/H23", "/units/H23.45/embed", "/embed/H23.45")


@pytest.fixture(params=NAMES, ids=["script", "quotes", "closing", "right-to-left", "long", "template", "formula"])
def named(request: pytest.FixtureRequest, client: Client) -> str:
    """Push a dossier under a hostile unit and field name, and give the name as it is stored."""
    name: str = request.param
    record = dossier(unit_name=name, field_code="F1", field_name=name, received_at="2023-10-02T08:00:00+07:00")
    assert client.push(record).status_code == 201
    stored: str = client.stats()["unit"]["name"]
    assert stored == name.strip()[:300].rstrip()
    return stored


def _plain(text: str) -> str:
    return " ".join(text.split())


def test_a_name_is_only_text_in_every_rendering(named: str, client: Client) -> None:
    for path in PATHS:
        response = client.http.get(path)
        assert response.status_code == 200
        page = strict(response.text)
        assert _plain(named) in text_of(page), path
        assert SCRIPT not in response.text
        scripts = [element.get("src") for element in page.iter() if element.tag.endswith("}script")]
        assert all(src and src.startswith(("/widget.js", "/static/")) for src in scripts)
        assert not [name for element in page.iter() for name in element.attrib if str(name).startswith("on")]
        assert not [element for element in page.iter() if element.tag.endswith("}img") and element.get("src") == "x"]
    badge = ElementTree.fromstring(client.get("/badge/H23.45.svg").text)
    assert named in "".join(badge.itertext())
    assert {element.tag.rpartition("}")[2] for element in badge.iter()} <= {
        "svg", "title", "desc", "clipPath", "rect", "g", "text"
    }  # fmt: skip


def test_a_name_is_only_text_in_oembed_and_in_the_code_to_copy(named: str, client: Client) -> None:
    oembed: Any = client.get("/oembed", url="http://localhost/units/H23.45").json
    for html in (oembed["html"], *_codes(client)):
        page = strict(f"<!doctype html><title>x</title>{html}")
        kinds = {element.tag.rpartition("}")[2] for element in page.iter()}
        assert kinds <= {"html", "head", "title", "body", "iframe", "a", "img", "script", "tthc-widget"}
        titles = [element.get("title") or element.get("alt") for element in page.iter()]
        assert all(named in title for title in titles if title)
    assert json.dumps(oembed)


def _codes(client: Client) -> list[str]:
    page = strict(client.get("/units/H23.45/embed").text)
    areas = {area.get("id"): area.text or "" for area in page.iter() if area.tag.endswith("}textarea")}
    return [areas["ma-the"], areas["ma-khung"], areas["ma-huy-hieu"]]


def test_a_name_is_one_cell_of_the_csv_and_no_formula(named: str, client: Client) -> None:
    text = client.get("/api/v1/stats", unit="H23.45", group_by="field", format="csv").data.decode("utf-8-sig")
    cells = [row[1] for row in csv.reader(io.StringIO(text))][1:]
    assert all(cell.removeprefix("'") == named for cell in cells)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
