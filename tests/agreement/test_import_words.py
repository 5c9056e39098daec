"""docs/import-words.md lists every heading and word that the code understands, and no other."""

from tests.support.import_words import DOCUMENT, MARK, tables


def test_the_tables_of_headings_and_words_are_the_code_s() -> None:
    """Made anew by `python -m tests.support.import_words`."""
    assert DOCUMENT.read_text("utf-8").partition(MARK)[2] == "\n" + tables()
