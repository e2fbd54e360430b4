"""Which subnets are cut off now, and by which experiments.

A subnet that is cut off has no databases and no tasks, a function whose every subnet is cut off cannot be called, and a
load balancer without a subnet answers nothing. In AWS a function without network still begins to run; here it does not,
so that the loss of a Region is that of all that serves in it. AWS's own APIs go on answering.
"""

from collections.abc import Collection

_cut: dict[str, frozenset[str]] = {}


def cut(experiment: str, subnets: Collection[str]) -> None:
    """Cuts subnets off, until `restore`."""
    _cut[experiment] = _cut.get(experiment, frozenset()) | frozenset(subnets)


def restore(experiment: str, subnets: Collection[str]) -> bool:
    """Ends that an experiment has cut subnets off; whether it has cut off nothing any more."""
    left = _cut.get(experiment, frozenset()) - frozenset(subnets)
    if left:
        _cut[experiment] = left
    else:
        _cut.pop(experiment, None)
    return not left


def is_cut(subnet: str) -> bool:
    """Whether a subnet is cut off."""
    return any(subnet in subnets for subnets in list(_cut.values()))


def all_cut(subnets: Collection[str]) -> bool:
    """Whether there are subnets, and each of them is cut off."""
    return bool(subnets) and all(is_cut(subnet) for subnet in subnets)


def forget() -> None:
    """Connects everything."""
    _cut.clear()
