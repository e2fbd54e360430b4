"""Listers of what the Resource Groups Tagging API does not return, each for one type, with the reason."""

from tap.inventory.listers import account_audit, containers, databases, global_clusters, network, parts, replicas
from tap.inventory.listers.search import Lister

LISTERS: tuple[Lister, ...] = (
    *account_audit.LISTERS,
    *containers.LISTERS,
    *databases.LISTERS,
    *global_clusters.LISTERS,
    *network.LISTERS,
    *parts.LISTERS,
    *replicas.LISTERS,
)
"""Those of single environments. Roles are listed for all environments at once: `roles`."""
