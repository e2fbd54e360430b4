"""The Terraform JSON that the documentation is generated from, made by `main.py` as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from docs.errors import DocumentationError
from lib.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
# Stands for any suffix: a word that no other text of the stack holds.
SUFFIX = "documented"
SUFFIX_SHOWN = "{s}"

Document = dict[str, Any]


def synthesize(variables: Mapping[str, str] | None = None) -> Document:
    """Return the JSON of the stack with the default settings, changed by `variables` only.

    Neither the caller's environment nor a `.env` file has a say.

    Raises:
        DocumentationError: `main.py` failed; the message is its own.
    """
    settings = {name.upper() for name in Settings.model_fields}
    environment = {name: value for name, value in os.environ.items() if name.upper() not in settings}
    with tempfile.TemporaryDirectory() as folder:
        environment |= {"ENVIRONMENT_SUFFIX": SUFFIX, "CDKTF_OUTDIR": folder, **(variables or {})}
        outcome = subprocess.run(
            [sys.executable, ROOT / "main.py"], env=environment, cwd=folder, capture_output=True, text=True, check=False
        )
        if outcome.returncode != 0:
            raise DocumentationError(f"the stack cannot be synthesized:\n{outcome.stderr.strip()}")
        (file,) = Path(folder).glob("stacks/*/cdk.tf.json")
        return cast(Document, json.loads(file.read_text()))


def shown(text: str) -> str:
    """Return a text of the stack with `{s}` where the suffix stands."""
    return text.replace(SUFFIX, SUFFIX_SHOWN)
