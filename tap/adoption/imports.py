"""The `import` blocks by which Terraform takes resources that exist into its state.

https://developer.hashicorp.com/terraform/language/import
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tap.adoption.matching import Adoption

FILE = "adopted.tf.json"


def write_imports(directory: Path, adoptions: Iterable[Adoption]) -> None:
    """Ask Terraform for these at its next plan; a saved plan keeps them."""
    blocks = [{"to": adoption.address, "id": adoption.id} for adoption in adoptions]
    (directory / FILE).write_text(json.dumps({"import": blocks}, indent=2) + "\n")


def remove_imports(directory: Path) -> None:
    """Ask Terraform for none."""
    (directory / FILE).unlink(missing_ok=True)
