"""Where Terraform keeps the state and how it talks to AWS, as Terraform's own JSON: for the synthesized stack and for
what removes it without one. Needs no cdktf, which takes seconds to load."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib.settings import STACK_CLASSES


def state_key(architecture: str, suffix: str) -> str:
    """The key of an environment's state in the state bucket."""
    return f"payment/{architecture}/{suffix}.tfstate"


def state_file(architecture: str, suffix: str) -> str:
    """The file name of an environment's state where there is no state bucket."""
    return f"terraform.{STACK_CLASSES[architecture]}{suffix}.tfstate"


def s3_backend(*, bucket: str, key: str, region: str, endpoint_url: str | None = None) -> dict[str, Any]:
    """The options of the backend `s3`: encrypted, and locked by a lock file of its own beside the state."""
    options: dict[str, Any] = {"bucket": bucket, "key": key, "region": region, "encrypt": True, "use_lockfile": True}
    if endpoint_url:
        checks = ("skip_credentials_validation", "skip_metadata_api_check", "skip_region_validation")
        options |= dict.fromkeys((*checks, "use_path_style"), True)
    return options


def provider_options(
    *, region: str, tags: Mapping[str, str], account_id: str | None = None, endpoint_url: str | None = None
) -> dict[str, Any]:
    """The options of the AWS provider; against a local AWS, without the look-ups that only AWS can answer.

    With `account_id` it refuses to work with the credentials of another account.
    """
    options: dict[str, Any] = {"region": region, "default_tags": [{"tags": dict(tags)}]}
    if account_id:
        options["allowed_account_ids"] = [account_id]
    if endpoint_url:
        options |= {
            "skip_credentials_validation": True,
            "skip_metadata_api_check": "true",
            "skip_region_validation": True,
            "s3_use_path_style": True,
            # The default of 25 makes the provider retry for minutes what a local AWS will never answer.
            "max_retries": 3,
        }
    return options
