"""Text that is made to cost: marks without end are neither sorted all at once nor remembered."""

import time
import unicodedata

import pytest
from marshmallow import ValidationError

from service.domain.vietnamese_text import composed, search_key
from service.schemas.fields import MAX_READ, Text, clean_text

MARKS = "a" + "\u0323\u0301" * 200_000


@pytest.mark.parametrize("read", [composed, search_key, clean_text], ids=lambda read: read.__name__)
def test_reading_a_text_of_many_marks_takes_seconds_at_most(read: object) -> None:
    began = time.process_time()
    read(MARKS)  # type: ignore[operator]
    assert time.process_time() - began < 5  # all at once they take minutes


def test_a_code_of_marks_is_refused() -> None:
    with pytest.raises(ValidationError):
        Text(64).read(MARKS)


@pytest.mark.parametrize("text", ["Tứ Kỳ", "Hộ tịch " * 500, ""])
def test_text_normalised_in_pieces_is_the_same_text(text: str) -> None:
    apart = unicodedata.normalize("NFD", text)
    assert composed(text) == unicodedata.normalize("NFC", text)
    assert search_key(text) == search_key(apart)


def test_a_name_in_decomposed_letters_is_read_whole() -> None:
    name = "Trung tâm phục vụ hành chính công " * 8
    assert clean_text(unicodedata.normalize("NFD", name)) == name.strip()
    assert len(unicodedata.normalize("NFD", name)) < MAX_READ
