"""The tables of docs/import-words.md, made from the code: every heading and every word that an import understands.

`.venv/bin/python -m tests.support.import_words` writes them anew; an agreement test holds the document to them.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from service.domain.dossier.status_words import _SYNONYMS
from service.domain.dossier.statuses import CHANNELS_VI, NAMES_VI
from service.domain.units import LEVELS
from service.formats.registers.heading_words import NATIONAL_NAMES, REQUIRED, WORDS
from service.ingest.catalogues.lines import WORDS as CATALOGUE_WORDS

DOCUMENT = Path(__file__).parents[2] / "docs" / "import-words.md"
MARK = "<!-- tables -->\n"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def headings_of_registers() -> str:
    rows = []
    for name, words in WORDS.items():
        exact = dict.fromkeys((*words.exact, name, *([NATIONAL_NAMES[name]] if name in NATIONAL_NAMES else [])))
        title = f"**{words.title}**" if name in REQUIRED else words.title
        rows.append((title, ", ".join(exact), ", ".join(words.other), ", ".join(words.loose)))
    return table(("Cột", "Chính xác như nhau", "Cũng hiểu", "Hiểu khi không có cột nào ở trên"), rows)


def words_of(names: Mapping[int, str], more: Mapping[str, Sequence[str]]) -> str:
    rows = ((str(int(code)), name, ", ".join(more[str(int(code))])) for code, name in names.items())
    return table(("Mã", "Tên", "Từ khác"), rows)


def headings_of_catalogues() -> str:
    rows = []
    for catalogue, headings in CATALOGUE_WORDS["headings"].items():
        for name, words in headings["words"].items():
            needed = "✔" if name in headings["required"] else ""
            rows.append((catalogue, needed, words[0] if words else name, ", ".join((*words[1:], name))))
    return table(("Danh mục", "Cần có", "Cột", "Cũng hiểu"), rows)


def words_of_catalogues() -> str:
    rows = [(f"Cấp: {LEVELS[level][0]}", level, ", ".join(words)) for level, words in CATALOGUE_WORDS["levels"].items()]
    rows += [
        (f"Đơn vị thời hạn: {words[0]}", unit, ", ".join(words[1:]))
        for unit, words in CATALOGUE_WORDS["limit_units"].items()
    ]
    rows += [("Không có thời hạn", "", ", ".join(filter(None, CATALOGUE_WORDS["no_limit"])))]
    rows += [
        (meant, answer, ", ".join(CATALOGUE_WORDS[answer]))
        for answer, meant in (("yes", "Có, làm việc"), ("no", "Không, nghỉ"))
    ]
    return table(("Nghĩa", "Trong API", "Từ"), rows)


def tables() -> str:
    parts = (
        ("Tiêu đề của sổ theo dõi / Headings of registers", headings_of_registers()),
        ("Trạng thái / Statuses", words_of(NAMES_VI, _SYNONYMS["statuses"])),
        ("Hình thức nộp / Channels", words_of(CHANNELS_VI, _SYNONYMS["channels"])),
        ("Tiêu đề của danh mục / Headings of catalogues", headings_of_catalogues()),
        ("Từ trong danh mục / Words in catalogues", words_of_catalogues()),
    )
    return "\n".join(f"## {title}\n\n{content}" for title, content in parts)


if __name__ == "__main__":
    text = DOCUMENT.read_text("utf-8")
    DOCUMENT.write_text(text.partition(MARK)[0] + MARK + "\n" + tables(), "utf-8")
