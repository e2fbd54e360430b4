"""A synthesized stack as the scans see it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policy.findings import ScanError


@dataclass(frozen=True)
class Configuration:
    """The Terraform JSON of one stack; `name` is what the report calls it."""

    name: str
    path: Path
    document: dict[str, Any]

    @classmethod
    def read(cls, path: Path, name: str | None = None) -> "Configuration":
        """Read a `cdk.tf.json`. ScanError when it is not the JSON of a stack with resources."""
        try:
            document = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise ScanError(f"{path} cannot be read: {error}; give the cdk.tf.json that `make synth` writes") from None
        if not isinstance(document, dict) or not document.get("resource"):
            raise ScanError(f"{path} holds no resources; give the cdk.tf.json that `make synth` writes")
        return cls(name or str(path), path, document)

    @property
    def environment_class(self) -> str:
        """The class of the environment, from the provider's default tags; empty when there are none."""
        for provider in self.document.get("provider", {}).get("aws", []):
            for default_tags in provider.get("default_tags", []):
                return str(default_tags.get("tags", {}).get("EnvironmentClass", ""))
        return ""

    @property
    def region(self) -> str:
        """The Region of the first provider."""
        providers = self.document.get("provider", {}).get("aws", [])
        return str(providers[0].get("region", "us-east-1")) if providers else "us-east-1"

    def resources(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Type, id and arguments of each resource."""
        for resource_type, resources in self.document["resource"].items():
            for resource_id, arguments in resources.items():
                yield resource_type, resource_id, arguments

    def address(self, reported: str) -> str:
        """The Terraform address of a resource that checkov calls `resource.<id>`, without its type."""
        match = re.fullmatch(r"resource\.([^.]+)", reported)
        types = [kind for kind, resources in self.document["resource"].items() if match and match[1] in resources]
        return f"{types[0]}.{match[1]}" if match and len(types) == 1 else reported
