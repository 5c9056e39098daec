"""The habits of the project hold: one version, one set of checks, licences that go together."""

import ast
import re
import subprocess
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest
import yaml

from service import __version__
from service.domain.dossier.data_warnings import READING_WARNINGS, WARNINGS

ROOT = Path(__file__).resolve().parents[2]

PERMISSIVE = re.compile(r"\b(MIT|BSD|Apache|PSF|MPL|LGPL|Dual License)\b", re.I)
VIRAL = re.compile(r"(?<!L)GPL|AGPL", re.I)


def pinned(file: str) -> list[str]:
    """Return the names of the packages that a requirements file pins."""
    return re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==", (ROOT / file).read_text(encoding="utf-8"), re.M)


@pytest.mark.parametrize("package", pinned("requirements.txt"))
def test_every_package_that_runs_has_a_licence_that_goes_with_ours(package: str) -> None:
    try:
        about = metadata(package)
    except PackageNotFoundError:
        pytest.skip("belongs to another platform")
    classifiers = [line for line in about.get_all("Classifier") or [] if line.startswith("License")]
    named = [line for name in ("License-Expression", "License") for line in about.get_all(name) or []]
    told = " ".join([*named, *classifiers])
    assert PERMISSIVE.search(told) and not VIRAL.search(told), told


def test_the_newest_released_section_of_the_changelog_is_the_version() -> None:
    released = re.findall(r"^## (\d+\.\d+\.\d+) – \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert released[0] == __version__


RELEASES = re.findall(
    r"^\| (\S+) \| \d{4}-\d\d-\d\d \| `([0-9a-f]{40})` \| `\w+` \|$",
    (ROOT / "docs/releases.md").read_text(encoding="utf-8"),
    re.M,
)


def test_the_version_is_the_last_row_of_the_releases() -> None:
    assert RELEASES[-1][0] == __version__


@pytest.mark.parametrize(("version", "commit"), RELEASES, ids=[row[0] for row in RELEASES])
def test_a_migration_that_was_released_is_never_changed(version: str, commit: str) -> None:
    def git(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)

    if git("cat-file", "-e", f"{commit}^{{commit}}").returncode:
        pytest.skip(f"this clone lacks the commit of {version}")
    changed = git("diff", "--name-only", "--diff-filter=a", commit, "--", "migrations/versions").stdout
    assert changed == ""


def test_the_hook_runs_what_make_lint_runs() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [hook["entry"] for repo in config["repos"] for hook in repo["hooks"]] == ["make lint"]


DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/**/*.md", "service/clients/*.md", "tests/data/samples/*.md")
    for path in ROOT.glob(pattern)
)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_relative_link_leads_somewhere(name: str) -> None:
    file = ROOT / name
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", file.read_text(encoding="utf-8"))
    assert [link for link in links if not (file.parent / link).exists()] == []


def heading_anchor(heading: str) -> str:
    """Return the anchor that a heading of a document gets."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_to_a_section_meets_its_heading(name: str) -> None:
    file = ROOT / name
    missing = []
    for path, anchor in re.findall(r"\]\((?!https?:)([^)#]*\.md)?#([^)]+)\)", file.read_text(encoding="utf-8")):
        headings = re.findall(r"^#+ (.*)$", (file.parent / path if path else file).read_text(encoding="utf-8"), re.M)
        missing += [] if anchor in map(heading_anchor, headings) else [(path, anchor)]
    assert missing == []


@pytest.mark.parametrize("name", sorted({*DOCUMENTS} - {"CHANGELOG.md"}))
def test_every_file_that_a_document_names_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    named = re.findall(r"`((?:tests|service|docs|deploy|bench|jobs|models|migrations)/[\w./-]+)", text)
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("kind", [*WARNINGS, *READING_WARNINGS])
def test_every_kind_of_warning_has_a_test(kind: str) -> None:
    tests = (path for folder in ("unit", "http", "store") for path in (ROOT / "tests" / folder).glob("*.py"))
    assert any(f'"{kind}"' in path.read_text(encoding="utf-8") for path in tests)


def test_nothing_is_called_found() -> None:
    """`found` says that something was looked for, not what it is."""
    folders = ("service", "models", "jobs", "tests", "bench")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    called = {
        path.relative_to(ROOT).as_posix()
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if "found" in (getattr(node, name, None) for name in ("id", "arg", "name"))
    }
    assert called == set()
