from __future__ import annotations

from pathlib import Path

import pytest

from docs import markers
from docs.errors import DocumentationError
from docs.markers import replace_between_markers, run, updated

PAGE = "# Title\n\n<!-- begin: part -->\nold\n<!-- end: part -->\n\nWritten by hand.\n"


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(markers, "ROOT", tmp_path)
    path = tmp_path / "page.md"
    path.write_text(PAGE)
    return path


def test_only_the_generated_part_changes() -> None:
    assert replace_between_markers(PAGE, "part", "new\n") == PAGE.replace("old", "\nnew\n")


def test_writing_twice_changes_nothing() -> None:
    once = replace_between_markers(PAGE, "part", "new")
    assert replace_between_markers(once, "part", "new") == once


@pytest.mark.parametrize(
    "text",
    ["", "<!-- begin: part -->", "<!-- end: part --> <!-- begin: part -->", PAGE + PAGE],
    ids=["no marker", "no end", "end first", "twice"],
)
def test_a_page_without_its_markers_is_refused_with_the_remedy(page: Path, text: str) -> None:
    page.write_text(text)
    with pytest.raises(DocumentationError, match=r"page\.md: the page needs the lines .* once each"):
        updated(page, {"part": "new"})


def test_a_run_writes_the_page(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("docs.page", page, lambda: {"part": "new"}, []) == 0
    assert "\nnew\n" in page.read_text()
    assert capsys.readouterr().out == "page.md written\n"


def test_a_check_changes_nothing_and_names_the_remedy(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("docs.page", page, lambda: {"part": "new"}, ["--check"]) == 1
    assert page.read_text() == PAGE
    assert "page.md is out of date: run `python -m docs.page`" in capsys.readouterr().err


def test_a_check_of_a_fresh_page_passes(page: Path) -> None:
    run("docs.page", page, lambda: {"part": "new"}, [])
    assert run("docs.page", page, lambda: {"part": "new"}, ["--check"]) == 0


def test_a_stack_that_cannot_be_synthesized_ends_with_one_message(
    page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def generate() -> dict[str, str]:
        raise DocumentationError("the stack cannot be synthesized")

    assert run("docs.page", page, generate, []) == 1
    assert capsys.readouterr().err == "error: the stack cannot be synthesized\n"
    assert page.read_text() == PAGE
