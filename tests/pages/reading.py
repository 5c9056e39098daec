"""Read pages strictly: HTML that a strict parser takes without an error, as a tree to look into."""

import warnings
from html import unescape
from xml.etree import ElementTree

import html5lib
from html5lib.constants import DataLossWarning

XHTML = "{http://www.w3.org/1999/xhtml}"


def strict(html: str) -> ElementTree.Element:
    """Parse a page; ParseError at the first thing that is not valid HTML syntax."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataLossWarning)
        parsed: ElementTree.Element = html5lib.HTMLParser(strict=True).parse(html)
    return parsed


def texts(root: ElementTree.Element, tag: str) -> list[str]:
    """Return the text of every element with a tag, blanks made one."""
    return [text_of(element) for element in root.iter(XHTML + tag)]


def text_of(element: ElementTree.Element) -> str:
    """Return all text inside an element."""
    return " ".join(unescape("".join(element.itertext())).split())


def rows(root: ElementTree.Element, caption: str) -> list[list[str]]:
    """Return the rows of the table under a caption, as texts."""
    for table in root.iter(XHTML + "table"):
        shown = table.find(XHTML + "caption")
        if shown is not None and text_of(shown) == caption:
            lines = (row for row in table.iter(XHTML + "tr"))
            return [[text_of(cell) for cell in row if cell.tag in (XHTML + "th", XHTML + "td")] for row in lines]
    raise AssertionError(f"no table under {caption!r}")


def vietnamese(number: int) -> str:
    """Write a count as pages do: 41.362."""
    return f"{number:,}".replace(",", ".")


def vietnamese_percent(text: str | None) -> str:
    """Write a percentage of an answer as pages do, the blank that does not break as a blank: 99,9 %."""
    return "–" if text is None else text.replace(".", ",") + " %"
