"""How to read and remove a resource, by `Resource.type`."""

from __future__ import annotations

from tap.removal.remover import Remover
from tap.removal.removers import (
    account_audit,
    backups,
    containers,
    databases,
    functions,
    global_databases,
    identity,
    messages,
    names,
    network,
    observability,
    security_groups,
    storage,
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
    **account_audit.REMOVERS,
}
