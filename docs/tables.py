"""The generated parts of README.md: tables and the diagram. `python -m docs.tables [--check]`."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from docs.diagram import architecture
from docs.errors import DocumentationError
from docs.markers import ROOT, run
from docs.outputs import outputs, with_each_setting
from docs.synthesis import Document, synthesize
from lib.settings import Settings

PAGE = ROOT / "README.md"
TARGET = re.compile(r"^([a-z-]+):.*?## (.+)$", re.MULTILINE)


def targets(makefile: str) -> str:
    """Return the table of make targets: those with a description."""
    rows = [f"| `make {name}` | {text} |" for name, text in TARGET.findall(makefile)]
    return "\n".join(["| command | what it does |", "|---|---|", *rows])


def inputs(schema: Mapping[str, Any]) -> str:
    """Return the table of inputs from the JSON schema of the settings.

    Raises:
        DocumentationError: a setting has no description.
    """
    rows = [_input(name, field, schema.get("$defs", {})) for name, field in schema["properties"].items()]
    return "\n".join(["| variable | default | values | what it is |", "|---|---|---|---|", *rows])


def _input(name: str, field: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    if not field.get("description"):
        raise DocumentationError(f"setting {name} has no description: give it one in lib/inputs.py")
    default = field.get("default")
    if isinstance(default, bool):
        default = str(default).lower()
    cells = (f"`{name.upper()}`", "" if default is None else f"`{default}`", _values(field, definitions))
    return f"| {' | '.join(cells)} | {field['description']} |"


def _values(field: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """Return what a setting takes, in a word or as the list of its values."""
    for alternative in field.get("anyOf", ()):
        if alternative.get("type") != "null":
            return _values(alternative, definitions)
    if "$ref" in field:
        return _values(definitions[field["$ref"].rpartition("/")[2]], definitions)
    if "const" in field or "enum" in field:
        return ", ".join(f"`{value}`" for value in field.get("enum", [field.get("const")]))
    if field["type"] == "integer":
        return f"{field['minimum']} to {field['maximum']}"
    if field["type"] == "boolean":
        return "`true`, `false`"
    return "time" if field.get("format") == "date-time" else "text"


def generate(default: Document, others: Mapping[str, Document]) -> dict[str, str]:
    """Return the generated parts of the page from the stacks that `outputs` takes. Raises `DocumentationError`."""
    return {
        "diagram": architecture(default)["diagram"],
        "targets": targets((ROOT / "Makefile").read_text(encoding="utf-8")),
        "inputs": inputs(Settings.model_json_schema()),
        "outputs": outputs(default, others),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or compare it with `--check`. Returns the exit code."""
    return run("docs.tables", PAGE, lambda: generate(synthesize(), with_each_setting()), arguments)


if __name__ == "__main__":
    sys.exit(main())
