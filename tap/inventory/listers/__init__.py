"""Listers of what the Resource Groups Tagging API does not return, each for one type, with the reason."""

from tap.inventory.listers import databases, network, parts
from tap.inventory.listers.search import Lister

LISTERS: tuple[Lister, ...] = (*databases.LISTERS, *network.LISTERS, *parts.LISTERS)
"""Those of single environments. Roles are listed for all environments at once: `roles`."""
