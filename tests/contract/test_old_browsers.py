"""What other sites load is written in the language of the oldest browsers that docs/embedding.md names: ES2019."""

import re
from pathlib import Path

import pytest

from service.pages.assets import FOLDER, widget_script
from tests.contract.test_description import run, tools

__all__ = ["tools"]

EMBEDDING = Path(__file__).parents[2] / "docs" / "embedding.md"
NEWER = "const a = {}; a?.b;"
SCRIPTS = {name: (FOLDER / name).read_bytes() for name in ("embed.js", "embed-frame.js")} | {
    "widget.js": widget_script()
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_syntax_is_one_that_the_oldest_browsers_read(tools: Path, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(SCRIPTS[name])
    run(tools / "acorn", "--ecma2019", "--silent", name, folder=tmp_path)


def test_newer_syntax_would_be_noticed(tools: Path, tmp_path: Path) -> None:
    (tmp_path / "newer.js").write_text(NEWER)
    with pytest.raises(AssertionError, match="Unexpected token"):
        run(tools / "acorn", "--ecma2019", "--silent", "newer.js", folder=tmp_path)


def test_the_document_and_the_script_name_the_same_browsers() -> None:
    oldest = re.compile(r"Chrome 80, Edge 80, Firefox 75, Safari 13\.1")
    assert oldest.search(EMBEDDING.read_text()) and oldest.search(SCRIPTS["widget.js"].decode())


def test_style_that_old_browsers_do_not_know_is_only_an_improvement() -> None:
    """A rule that they cannot read is dropped whole: :is() and units of containers may stand in @container alone."""
    style = (FOLDER / "widget.css").read_text()
    outside = re.sub(r"@container[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", style)
    assert re.findall(r":(?:is|where|has)\(|color-mix|\bcq[wi]|inset:|aspect-ratio|@layer|oklch|clamp\(", outside) == []
