"""Secrets that plan and state would hold in plain text."""

from __future__ import annotations

from collections.abc import Iterator

from lib.refusals.document import Document, resources
from lib.settings import Settings

# The argument that enters the state, by type, and the one that Terraform writes and forgets.
# https://developer.hashicorp.com/terraform/language/resources/ephemeral/write-only
WRITE_ONLY = {
    "aws_db_instance": ("password", "password_wo"),
    "aws_rds_cluster": ("master_password", "master_password_wo"),
    "aws_secretsmanager_secret_version": ("secret_string", "secret_string_wo"),
    "aws_ssm_parameter": ("value", "value_wo"),
}


def secret_faults(document: Document, _: Settings) -> Iterator[str]:
    """Yield one line for each secret that is not written write-only."""
    for type_, address, arguments in resources(document, *WRITE_ONLY):
        if type_ == "aws_ssm_parameter" and arguments.get("type") != "SecureString":
            continue
        kept, forgotten = WRITE_ONLY[type_]
        if kept in arguments:
            yield f"{address}: the state would hold {kept}; make it in an ephemeral block and pass it as {forgotten}"
