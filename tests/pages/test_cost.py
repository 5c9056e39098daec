"""What a view of the details page costs, on the demonstration; bench measures a province."""

from flask import Flask

from bench.details_page import first_view
from tests.support.demonstration import QUERY, UNIT


def test_the_details_page_costs_at_most_twice_the_stats_behind_it(demo_app: Flask) -> None:
    found = first_view(demo_app, UNIT, QUERY)
    assert found.holds, found
