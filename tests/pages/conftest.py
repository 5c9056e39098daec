"""What tests of pages share."""

from tests.support.demonstration import demo_app, demo_copy, demo_file

__all__ = ["demo_app", "demo_copy", "demo_file"]
