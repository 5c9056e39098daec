"""What a person says about headings: `HEADING=FIELD`, or that a heading is left unread."""

import pytest

from service.domain.errors import BadQuestion
from service.formats.registers.headings import IGNORED
from service.ingest.file_import import settled_headings


def refused(mapped: str) -> BadQuestion:
    with pytest.raises(BadQuestion) as raised:
        settled_headings([mapped], [])
    return raised.value


def test_each_heading_has_the_field_that_was_given() -> None:
    given = settled_headings(["Hạn cuối=due_at", "Ngày xong = Ngày trả"], ["Hạn nội bộ"])
    assert given == {"hannoibo": IGNORED, "hancuoi": "due_at", "ngayxong": "returned_at"}


def test_a_heading_may_hold_the_sign_itself() -> None:
    assert settled_headings(["Hạn = ngày hẹn=due_at"], []) == {"hanngayhen": "due_at"}


def test_a_heading_that_is_mapped_to_nothing_is_left_unread() -> None:
    assert settled_headings(["Hạn cuối="], []) == {"hancuoi": IGNORED}


def test_a_heading_that_is_mapped_and_ignored_is_mapped() -> None:
    assert settled_headings(["Hạn cuối=due_at"], ["Hạn cuối"]) == {"hancuoi": "due_at"}


@pytest.mark.parametrize("mapped", ["due_at", "Hạn cuối", "Hạn cuối=ngay_nao", "=due_at", "?!=due_at"])
def test_what_names_no_heading_or_no_field_is_refused(mapped: str) -> None:
    assert f"--map '{mapped}'" in str(refused(mapped))


def test_a_refusal_is_told_under_the_option() -> None:
    error = refused("Hạn cuối=ngay_nao")
    assert error.errors == {"map": [str(error)]}


def test_a_refusal_lists_the_fields() -> None:
    assert "một trong: Mã hồ sơ (code), " in str(refused("Hạn cuối=ngay_nao"))


def test_a_refusal_repeats_a_hundred_letters_of_what_was_given() -> None:
    assert f"--map '{'x' * 100}'" in str(refused("x" * 101))
