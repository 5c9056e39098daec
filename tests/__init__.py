"""Tests: unit (no fixture), store and http (both databases), jobs, browser, ops, agreement."""
