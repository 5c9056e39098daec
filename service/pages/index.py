"""The first page: results of all units, the units as a tree, and a search with or without Vietnamese marks."""

from dataclasses import dataclass, field
from typing import Any

from flask import request

from service import demonstration
from service.domain.statistics.questions import UnknownUnit
from service.domain.units import Unit, UnitTree, as_asked
from service.domain.vietnamese_text import search_key
from service.http.addresses import question_parameters, unit_path
from service.http.request import components, now, requested_question
from service.pages import links
from service.pages.links import link
from service.pages.overview import largest_root, overview_values
from service.schemas.question_input import choice
from service.store import catalogue

SHOWN = 400
"""How many units the tree shows at most: whole levels, as long as they fit."""
SHOWN_MATCHES = 100


@dataclass
class Node:
    """A unit in the tree. hidden: how many children are not shown. above: the units above a match of a search."""

    unit: Unit
    href: str
    children: list["Node"] = field(default_factory=list)
    hidden: int = 0
    above: str = ""

    @property
    def name(self) -> str:
        return self.unit.name or self.unit.code


def index_values() -> dict[str, Any]:
    """Return what the template of the first page shows."""
    lang = choice("lang", request.args.get("lang"), ("vi", "en"))
    query, under = request.args.get("q", "").strip()[:100], request.args.get("under") or None
    view = choice("view", request.args.get("view"), ("table", "tree"))
    with components().database.reading() as session:
        tree = catalogue.unit_tree(session)
        made_up = demonstration.is_all_there_is(session, now())
        if under is not None and under not in tree:
            raise UnknownUnit(under)
        first = tree.units[under] if under else largest_root(tree)
        question = requested_question(first.code).question if first else None
        shown = overview_values(session, question, tree, lang) if question and not query and view == "table" else None
    builder = _NodeBuilder(tree, made_up)
    for row in shown["rows"] if shown else ():
        row["href"] = builder.node(tree.units[row["key"]["code"]]).href
    matches = builder.search(query) if query else []
    return {
        "overview": shown,
        "first": builder.node(first) if first else None,
        "roots": [builder.node(root) for root in catalogue.by_name(tree.children(None))],
        "lang": lang,
        "params": question_parameters(),
        "query": query,
        "matches": matches[:SHOWN_MATCHES],
        "left_out": max(len(matches) - SHOWN_MATCHES, 0),
        "nodes": [] if query or shown else builder.nodes(under),
        "under": builder.node(tree.units[under]) if under else None,
        "demo": link(unit_path(demonstration.UNIT), as_of=demonstration.AS_OF) if made_up else None,
    }


class _NodeBuilder:
    """Makes nodes of one tree; the units of the demonstration lead to the moment of its numbers."""

    def __init__(self, tree: UnitTree, made_up: bool) -> None:
        self.tree = tree
        self.made_up = links.codes() - {"H23"} if made_up else frozenset()

    def node(self, unit: Unit) -> Node:
        moment = demonstration.AS_OF if unit.code in self.made_up else None
        return Node(unit, link(unit_path(unit.code), as_of=moment))

    def nodes(self, under: str | None) -> list[Node]:
        """Return the tree below a unit: its first level, and further levels as far as there is room."""
        roots = [self.node(unit) for unit in catalogue.by_name(self.tree.children(under))]
        level, shown = roots, len(roots)
        while level:
            following: list[Node] = []
            for node in level:
                children = self.tree.children(node.unit.code)
                if shown + len(children) > SHOWN:
                    node.hidden = len(children)
                    continue
                shown += len(children)
                node.children = [self.node(unit) for unit in catalogue.by_name(children)]
                following += node.children
            level = following
        return roots

    def search(self, query: str) -> list[Node]:
        """Return the units, by name, whose name or code holds every word of a query; marks do not matter."""
        words = [search_key(as_asked(word)) for word in query.split()]
        matches = []
        for unit in catalogue.by_name(self.tree.units.values()):
            text = search_key(f"{unit.name or ''} {unit.code} {unit.code.replace('.', '')}")
            if all(word in text for word in words):
                node = self.node(unit)
                ancestors = (self.tree.units[code] for code in self.tree.ancestors(unit.code))
                node.above = ", ".join(ancestor.name or ancestor.code for ancestor in ancestors)
                matches.append(node)
        return matches
