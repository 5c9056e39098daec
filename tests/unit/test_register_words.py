"""The words of one-stop software for statuses and channels: certain ones are known, others are not guessed."""

import pytest

from service.domain.dossier.status_words import _SYNONYMS, BadWords, status_words
from service.domain.dossier.statuses import Status

WORDS = status_words()
CLOSED = {"7", "8", "9", "10"}


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("Đã trả KQ", "10"),
        ("Đang chờ ký", "4"),
        ("Hồ sơ đang xử lý (quá hạn)", "4"),
        ("Đã giải quyết - đúng hạn", "9"),
        ("Chờ nộp phí, lệ phí", "6"),
        ("Chờ công dân thực hiện NVTC", "6"),
        ("Yêu cầu BS", "5"),
        ("ĐÃ XỬ LÝ XONG (9)", "9"),
        ("10 - Đã trả kết quả", "10"),
        ("4.0", "4"),
        ("awaiting_supplement", "5"),
        ("Chưa giải quyết", "4"),
        ("Chưa tiếp nhận", "1"),
        ("Đã trả dân", "10"),
        ("Đã trả cho người dân", "10"),
        ("Trả rồi", "10"),
        ("Đã trả kqua", "10"),
        ("Đã trả KQ (trễ 2 ngày)", "10"),
        ("Đã trả (trễ)", "10"),
        ("Đang xử lý (còn 2 ngày làm việc)", "4"),
        ("Dân xin rút", "7"),
        ("Người dân xin rút hồ sơ", "7"),
        ("Đang trình CT ký", "4"),
        ("Chờ Chủ tịch ký", "4"),
        ("Trình LĐ", "4"),
        ("Chờ dân đến lấy", "9"),
        ("Chuyển huyện", "4"),
    ],
)
def test_a_status_is_known_by_its_words(word: str, code: str) -> None:
    assert WORDS.status(word) == code


@pytest.mark.parametrize(
    "word",
    [
        "Chưa trả kết quả",
        "Đúng hạn",
        "Trễ",
        "Trễ 2 ngày",
        "Đã ký",
        "Quá hạn",
        "Từ chối giải quyết",
        "5. Đang xử lý",
        "Đang xử lý (9)",
        "Lạ",
        "11",
        "",
    ],
)
def test_what_may_mean_two_things_is_no_status(word: str) -> None:
    assert WORDS.status(word) is None


def test_no_word_that_says_not_yet_closes_a_dossier() -> None:
    denied = [word for words in _SYNONYMS["statuses"].values() for word in words if "chưa" in word]
    assert [word for word in denied if WORDS.status(word) in CLOSED] == []


def test_every_word_stands_under_one_status() -> None:
    for kind, code_of in (("statuses", WORDS.status), ("channels", WORDS.channel)):
        assert [word for code, words in _SYNONYMS[kind].items() for word in words if code_of(word) != code] == []


@pytest.mark.parametrize(
    ("word", "code"),
    [("Trực tuyến (toàn trình)", "2"), ("DVC một phần", "2"), ("qua đường bưu điện", "3"), ("Zalo", None)],
)
def test_a_channel_is_known_by_its_words(word: str, code: str | None) -> None:
    assert WORDS.channel(word) == code


def test_a_word_of_the_operator_counts() -> None:
    assert status_words("status;Chờ lãnh đạo duyệt, ký;4\n").status("chờ lãnh đạo duyệt ký") == "4"


@pytest.mark.parametrize("kind", ["status", "STATUS", "trạng thái", "Trang thai"])
@pytest.mark.parametrize("mark", [";", ","])
def test_a_line_of_the_operator_names_a_status(kind: str, mark: str) -> None:
    assert status_words(mark.join((kind, "Chờ lãnh đạo", "04"))).status("cho lanh dao") == "4"


@pytest.mark.parametrize("kind", ["channel", "kênh"])
def test_a_line_of_the_operator_names_a_channel(kind: str) -> None:
    assert status_words(f"{kind};Zalo;2").channel("zalo") == "2"


@pytest.mark.parametrize("before", ["\ufeff", "\n", "  \n", "# words\n", "  # words\n", "\ufeff# words\n"])
def test_empty_lines_and_remarks_of_the_operator_are_left_out(before: str) -> None:
    assert status_words(f"{before}channel;Zalo;2").channel("zalo") == "2"


@pytest.mark.parametrize(
    "line",
    ["word;Zalo;2", "channel;Zalo", "channel;Zalo;2;3", "channel;;2", "channel;Zalo;hai", "channel;Zalo;4",
     "status;Zalo;11", "status;Zalo;0", "Zalo"],
)  # fmt: skip
def test_another_line_of_the_operator_is_refused_by_its_number(line: str) -> None:
    with pytest.raises(BadWords, match=r"^dòng 2: .* / line 2: "):
        status_words(f"channel;Zalo;2\n{line}")


@pytest.mark.parametrize("status", list(Status))
def test_a_status_is_known_by_its_name_in_json(status: Status) -> None:
    assert status_words().status(status.api_name) == str(int(status))
