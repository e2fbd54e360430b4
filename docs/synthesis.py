"""The Terraform JSON that the documentation is generated from, made as by `main.py`."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from lib.fast_synth import install

install()

from docs.errors import DocumentationError  # noqa: E402  (cdktf must be imported after the fast loader is in place)
from lib import synth  # noqa: E402
from lib.compute.artifacts import build_artifacts  # noqa: E402
from lib.compute.dependencies import PackageError  # noqa: E402
from lib.refusals import RefusalError  # noqa: E402
from lib.settings import SettingsError, load_settings  # noqa: E402

# Stands for any suffix: a word that no other text of the stack holds.
SUFFIX = "documented"
SUFFIX_SHOWN = "{s}"
# No variable of a shell can have such a name.
NO_VARIABLE = "not set: "

Document = dict[str, Any]


def synthesize(variables: Mapping[str, str] | None = None) -> Document:
    """Return the JSON of the stack with the default settings, changed by `variables` only.

    Neither the caller's environment nor a `.env` file has a say.

    Raises:
        DocumentationError: there is no such stack; the message says why.
    """
    inputs = {name.lower(): value for name, value in (variables or {}).items()}
    with tempfile.TemporaryDirectory() as folder:
        try:
            settings = load_settings(
                _env_file=None, _env_prefix=NO_VARIABLE, **{"environment_suffix": SUFFIX, **inputs}
            )
            synth.synthesize([settings], Path(folder), build_artifacts(settings))
        except (SettingsError, PackageError, RefusalError) as error:
            raise DocumentationError(f"the stack cannot be synthesized:\n{error}") from None
        (file,) = Path(folder).glob("stacks/*/cdk.tf.json")
        return cast(Document, json.loads(file.read_text()))


def shown(text: str) -> str:
    """Return a text of the stack with `{s}` where the suffix stands."""
    return text.replace(SUFFIX, SUFFIX_SHOWN)
