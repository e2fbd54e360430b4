"""How to read and remove a resource, by `Resource.type`."""

from __future__ import annotations

from tap.removal.remover import Remover
from tap.removal.removers import (
    account_audit,
    backups,
    containers,
    databases,
    deployments,
    functions,
    global_databases,
    identity,
    messages,
    names,
    network,
    observability,
    security_groups,
    storage,
    web_acls,
)

REMOVERS: dict[str, Remover] = {
    **network.REMOVERS,
    **security_groups.REMOVERS,
    **databases.REMOVERS,
    **global_databases.REMOVERS,
    **backups.REMOVERS,
    **functions.REMOVERS,
    **messages.REMOVERS,
    **storage.REMOVERS,
    **identity.REMOVERS,
    **names.REMOVERS,
    **observability.REMOVERS,
    **containers.REMOVERS,
    **deployments.REMOVERS,
    **web_acls.REMOVERS,
    **account_audit.REMOVERS,
}
