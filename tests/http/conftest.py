"""Fixtures: the two senders of the national format."""

import pytest
from flask import Flask

from tests.support.senders import SenderA, SenderB


@pytest.fixture
def sender(app: Flask, key: str) -> SenderA:
    """Give a sender of the first dialect, logged in."""
    vendor = SenderA(app.test_client(), "mot-cua", key)
    assert vendor.login()["error_code"] == 0
    return vendor


@pytest.fixture
def bare(app: Flask, key: str) -> SenderB:
    """Give a sender of the second dialect."""
    return SenderB(app.test_client(), key)
