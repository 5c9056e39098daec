"""The page of formulas: each in words, with one example that can be worked out by hand."""

import pytest

from service.domain.statistics.formulas import FORMULAS
from tests.pages.reading import XHTML, rows, strict, text_of, texts
from tests.support.client import Client


def test_every_formula_stands_there_in_words_with_who_publishes_it(client: Client) -> None:
    page = text_of(strict(client.get("/formulas").text))
    for formula in FORMULAS.values():
        assert formula.title.vi in page
        assert formula.ratios[formula.headline].below.in_words("vi") in page
        assert ", ".join(formula.published_by) in page


def test_the_example_gives_a_result_for_each_formula(client: Client) -> None:
    page = strict(client.get("/formulas").text)
    _, *table = rows(page, "Cùng những hồ sơ ấy, mỗi công thức cho một kết quả")
    results = {row[0]: row[1:] for row in table}
    # 110 to handle: 50 early, 20 on time, 5 late, 5 without a deadline; 27 left, 10 of them overdue
    assert results["Đúng hạn trên số hồ sơ đã giải quyết có hạn trả"] == ["93,3 %", "70", "75"]
    assert results["Đúng hạn trên số hồ sơ đến hạn"] == ["82,4 %", "70", "85"]
    assert results["Không trễ hạn trên số hồ sơ xử lý"] == ["86,4 %", "95", "110"]
    assert len(results) == len(FORMULAS)


def test_the_counts_of_the_example_agree_with_each_other(client: Client) -> None:
    page = text_of(strict(client.get("/formulas").text))
    assert "110 hồ sơ phải xử lý, gồm 20 hồ sơ tồn từ tháng trước và 90 hồ sơ mới tiếp nhận" in page
    assert "Đã giải quyết 80" in page and "Công dân rút 2, dừng xử lý 1" in page
    assert 80 + 2 + 1 + 27 == 110 and "Còn lại 27" in page


@pytest.mark.parametrize(("lang", "words"), [("vi", "Cách tính các tỷ lệ"), ("en", "How rates are made")])
def test_the_foot_of_every_page_leads_there(client: Client, lang: str, words: str) -> None:
    page = strict(client.get("/status", lang=lang).text)
    address = "/formulas" + ("?lang=en" if lang == "en" else "")
    links = {text_of(link): link.get("href") for link in page.iter(XHTML + "a")}
    assert links[words] == address
    assert client.get("/formulas", lang=lang).status_code == 200


def test_it_is_in_the_language_that_was_asked_for(client: Client) -> None:
    page = text_of(strict(client.get("/formulas", lang="en").text))
    assert "On time among resolved dossiers that had a deadline" in page and "Trước hạn" not in page


@pytest.mark.parametrize("path", ["/formulas", "/status"])
def test_a_person_is_told_what_is_wrong_on_a_page(client: Client, path: str) -> None:
    answer = client.http.get(f"{path}?lang=xx", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    reasons = [text for text in texts(strict(answer.text), "p") if "lang" in text or "vi" in text]
    assert reasons and reasons[0][0].isupper()
