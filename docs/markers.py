"""The generated part of a page: between two markers, so that the rest stays written by people."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from docs.errors import DocumentationError

ROOT = Path(__file__).resolve().parents[1]


def replace_between_markers(page: str, name: str, content: str) -> str:
    """Return the page with `content` between `<!-- begin: name -->` and `<!-- end: name -->`.

    Raises:
        DocumentationError: the page does not have each of the markers once, in this order.
    """
    begin, end = f"<!-- begin: {name} -->", f"<!-- end: {name} -->"
    before, found_begin, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end) or page.count(begin) + page.count(end) != 2:
        raise DocumentationError(f"the page needs the lines {begin!r} and {end!r} once each, in this order")
    return f"{before}{begin}\n\n{content.strip()}\n\n{end}{after}"


def updated(page: Path, parts: Mapping[str, str]) -> str:
    """Return the text of a page with its generated parts brought up to date. Raises `DocumentationError`."""
    text = page.read_text(encoding="utf-8")
    for name, content in parts.items():
        try:
            text = replace_between_markers(text, name, content)
        except DocumentationError as error:
            raise DocumentationError(f"{page.name}: {error}") from None
    return text


def run(module: str, page: Path, generate: Callable[[], Mapping[str, str]], arguments: Sequence[str] | None) -> int:
    """Write the generated parts of a page, or with `--check` only compare them. Returns the exit code."""
    description = f"Writes the generated parts of {page.name}."
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    parser.add_argument("--check", action="store_true", help="change nothing; fail where the page is out of date")
    options = parser.parse_args(arguments)
    try:
        text = updated(page, generate())
    except DocumentationError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if text == page.read_text(encoding="utf-8"):
        return 0
    if options.check:
        print(f"error: {page.relative_to(ROOT)} is out of date: run `python -m {module}`", file=sys.stderr)
        return 1
    page.write_text(text, encoding="utf-8")
    print(f"{page.relative_to(ROOT)} written")
    return 0
