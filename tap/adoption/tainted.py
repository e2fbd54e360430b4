"""Decides what becomes of resources that an interrupted run left tainted, which Terraform would replace."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from tap.account import Account
from tap.adoption.settling import Condition, settle
from tap.inventory.states import State

# Making them is a deed, which failed or was not seen to end: it has to be done again.
_DEEDS = ("aws_lambda_invocation", "aws_acm_certificate_validation", "terraform_data")


@dataclass(frozen=True)
class Verdict:
    """`sound` ones exist and lose their taint; `replaceable` ones are of a type that holds data, but never held any."""

    sound: tuple[str, ...]
    replaceable: tuple[str, ...]


def judge(state: State, account: Account, *, replace: Collection[str] = ()) -> Verdict:
    """Look at each tainted resource of a state, waiting for those that AWS still works on; `replace` ones stay tainted.

    What a resource still lacks, the next plan adds in place. Raises `settling.UnsettledError` and botocore's errors.
    """
    sound, replaceable = [], []
    for resource in state.managed:
        if not resource.tainted or resource.address in replace or resource.type in _DEEDS or not resource.id:
            continue
        there = account.in_region(state.region_of(resource))
        match settle(there, resource.type, resource.id):
            case Condition.READY:
                sound.append(resource.address)
            case Condition.BROKEN if resource.type == "aws_rds_cluster" and _never_had_members(there, resource.id):
                replaceable.append(resource.address)
    return Verdict(tuple(sound), tuple(replaceable))


def _never_had_members(account: Account, cluster: str) -> bool:
    """A cluster that failed while it was made has no instance, so that nobody ever wrote to it."""
    described = account.client("rds").describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][0]
    return described["Status"] == "failed" and not described["DBClusterMembers"]
