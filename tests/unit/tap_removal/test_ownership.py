"""Whose a resource is: asked before each removal, by tags, by what it is part of, or by the state."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lib.input_rules import SUFFIX_MAX_LENGTH, SUFFIX_PATTERN
from tap.account import Account
from tap.inventory.resource import Evidence, Resource, environment_tags, resource_type
from tap.removal.ownership import NotOwnedError, Ownership, read_now
from tap.removal.remover import Reading, Scope
from tap.removal.removers import REMOVERS
from tap.removal.sweep import Sweeper, SweepReport
from tests.unit.tap_removal.maker import ACCOUNT, Maker
from tests.unit.tap_removal.makers import TAGGED
from tests.unit.tap_removal.parts import PARTS, Part, dashboard, hub

OURS, THEIRS = environment_tags("pr-1"), environment_tags("pr-12")


def exists(account: Account, resource: Resource) -> bool:
    return read_now(Scope(account, "pr-1", REMOVERS), resource) is not None


def sweep(account: Account, *resources: Resource, **options: Any) -> SweepReport:
    return Sweeper(account).sweep("pr-1", resources, **{"timeout": 5, **options})


def owner_of(part: Resource, account: Account) -> Resource:
    """The owner as the finder would give it."""
    assert part.owner is not None
    owner = Resource(part.owner, resource_type(part.owner))
    reading = read_now(Scope(account, "pr-1", REMOVERS), owner)
    assert reading is not None
    return replace(owner, tags=reading.tags)


@pytest.mark.parametrize("make", PARTS.values(), ids=PARTS)
def test_removes_a_part_of_what_carries_the_tags_and_leaves_the_whole(account: Account, make: Part) -> None:
    part = make(Maker(account, "pr-1", OURS))
    owner = owner_of(part, account)
    report = sweep(account, part, owner, keep=[owner.arn])
    assert report == SweepReport(swept=[part], kept=[owner])
    assert not exists(account, part)
    assert exists(account, owner)


@pytest.mark.parametrize("make", PARTS.values(), ids=PARTS)
def test_leaves_a_part_of_what_is_of_another_environment_by_now(account: Account, make: Part) -> None:
    part = make(Maker(account, "pr-1", THEIRS))
    owner = replace(owner_of(part, account), tags=OURS)
    report = sweep(account, part, owner)
    assert report.swept == []
    assert [resource for resource, _ in report.failed] in ([part, owner], [owner, part])
    assert all("are not those of environment pr-1" in reason for _, reason in report.failed)
    assert exists(account, part)


def test_leaves_a_part_whose_owner_is_gone_and_nobody_vouches_for(account: Account) -> None:
    make = Maker(account, "pr-1", OURS)
    part = PARTS["rds:cluster-snapshot"](make)
    make.rds.delete_db_cluster(DBClusterIdentifier="payment-pr-1", SkipFinalSnapshot=True)
    [(_, reason)] = sweep(account, part).failed
    assert reason == f"its owner {part.owner} is gone, and was not known to be of this environment"
    assert exists(account, part)


def test_an_owner_that_is_not_in_the_sweep_is_asked_for_its_tags(account: Account) -> None:
    alias = PARTS["kms:alias"](Maker(account, "pr-1", OURS))
    other = PARTS["kms:alias"](Maker(account, "pr-12", THEIRS))
    report = sweep(account, alias, other)
    assert report.swept == [alias]
    assert [resource for resource, _ in report.failed] == [other]


def test_an_alias_is_swept_whose_key_waits_for_its_deletion(account: Account) -> None:
    make = Maker(account, "pr-1", OURS)
    alias = PARTS["kms:alias"](make)
    make.kms.schedule_key_deletion(KeyId=str(alias.owner).rpartition("/")[2], PendingWindowInDays=7)
    assert sweep(account, alias).swept == [alias]


def test_a_dashboard_is_part_of_the_alarms_that_it_shows(account: Account) -> None:
    make = Maker(account, "pr-1", OURS)
    alarm = TAGGED["cloudwatch:alarm"](make)
    body = json.dumps({"widgets": [{"type": "alarm", "properties": {"alarms": [alarm]}}]})
    make.cloudwatch.put_dashboard(DashboardName="payment-pr-1", DashboardBody=body)
    name = f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/payment-pr-1"
    part = Resource(name, "cloudwatch:dashboard", evidence=Evidence.OWNER, owner=alarm)
    assert sweep(account, part).swept == [part]


@pytest.mark.parametrize("make", PARTS.values(), ids=PARTS)
def test_leaves_a_part_of_something_else(account: Account, make: Part) -> None:
    part = make(Maker(account, "pr-1", OURS))
    elsewhere = replace(part, owner=f"{part.owner}2")
    [(_, reason)] = sweep(account, elsewhere, owners=[f"{part.owner}2"]).failed
    assert reason.startswith(f"it is not part of {part.owner}2 (any more), but of ")
    assert exists(account, part)


@pytest.mark.parametrize("make", PARTS.values(), ids=PARTS)
def test_removes_a_part_of_what_terraform_removed(account: Account, make: Part) -> None:
    part = make(Maker(account, "pr-1", OURS))
    assert part.owner
    assert sweep(account, part, owners=[part.owner]).swept == [part]


def test_a_part_with_tags_of_another_environment_stays(account: Account) -> None:
    make = Maker(account, "pr-1", OURS)
    vpc = make.vpc()
    theirs = Maker(account, "pr-12", THEIRS)
    subnet = theirs.subnet(vpc)
    part = Resource(make.ec2_arn(f"subnet/{subnet}"), "ec2:subnet", {}, Evidence.OWNER, make.ec2_arn(f"vpc/{vpc}"))
    [(_, reason)] = sweep(account, part, owners=[str(part.owner)]).failed
    assert "name another environment than pr-1: EnvironmentSuffix=pr-12" in reason
    assert exists(account, part)


def test_a_snapshot_is_swept_after_its_cluster(account: Account) -> None:
    part = PARTS["rds:cluster-snapshot"](Maker(account, "pr-1", OURS))
    cluster = owner_of(part, account)
    assert sweep(account, part, cluster) == SweepReport(swept=[cluster, part])


def test_a_part_is_swept_whose_owner_is_gone_since_it_was_found(account: Account) -> None:
    make = Maker(account, "pr-1", OURS)
    part = PARTS["rds:cluster-snapshot"](make)
    cluster = owner_of(part, account)
    make.rds.delete_db_cluster(DBClusterIdentifier=cluster.name, SkipFinalSnapshot=True)
    assert sweep(account, part, cluster).swept == [cluster, part]


@pytest.mark.parametrize("make", [dashboard, hub])
def test_what_only_the_state_knows_is_swept(account: Account, make: Part) -> None:
    resource = make(Maker(account, "pr-1", {}))
    assert sweep(account, resource).swept == [resource]
    assert not exists(account, resource)


def test_a_log_group_that_came_back_is_swept_and_one_of_somebody_else_is_not(account: Account) -> None:
    back, other = Maker(account, "pr-1", {}), Maker(account, "pr-1-b", {"Environment": "reporting"})
    ours, others = (
        Resource(TAGGED["logs:log-group"](make), "logs:log-group", {}, Evidence.STATE) for make in (back, other)
    )
    report = sweep(account, ours, others)
    assert report.swept == [ours]
    assert report.failed == [(others, "its tags name another environment than pr-1: Environment=reporting")]
    assert exists(account, others)


def test_nothing_of_another_account_is_touched(account: Account) -> None:
    role = Resource("arn:aws:iam::999999999999:role/payment-pr-1", "iam:role", OURS)
    make = Maker(account, "pr-1", OURS)
    make.role()
    assert sweep(account, role).failed == [(role, f"it is of account 999999999999, not {ACCOUNT}")]
    assert make.iam.get_role(RoleName="payment-pr-1")["Role"]["RoleName"] == "payment-pr-1"


labels = st.text("ab1", min_size=1, max_size=3)
suffixes = st.lists(labels, min_size=1, max_size=3).map("-".join).filter(lambda text: len(text) <= SUFFIX_MAX_LENGTH)


@st.composite
def near_pairs(draw: st.DrawFn) -> tuple[str, str]:
    """Two suffixes that differ by a character, a part, or nothing but the place of a hyphen."""
    one = draw(suffixes)
    other = draw(
        st.sampled_from([f"{one}2", f"{one}-b", f"a-{one}", f"x{one}", one[:-1], one.replace("-", ""), one[::-1]])
        | suffixes
    )
    return one, other


@given(pair=near_pairs(), evidence=st.sampled_from(Evidence), missing=st.sampled_from(["", *OURS]))
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_only_the_very_suffix_is_owned(
    account: Account, pair: tuple[str, str], evidence: Evidence, missing: str
) -> None:
    suffix, other = pair
    tags = {name: value for name, value in environment_tags(other).items() if name != missing}
    resource = Resource(f"arn:aws:sqs:us-east-1:{ACCOUNT}:payment-{other}", "sqs:queue", tags, evidence, "arn:owner")
    ownership = Ownership(Scope(account, suffix, REMOVERS), {}, ["arn:owner"])
    reading = Reading(tags, frozenset({"arn:owner"}))
    if other == suffix and not (missing and evidence is Evidence.TAGS):
        ownership.check(resource, reading)
    else:
        with pytest.raises(NotOwnedError):
            ownership.check(resource, reading)


@given(pair=near_pairs())
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_sweep_that_is_handed_two_environments_removes_one(account: Account, pair: tuple[str, str]) -> None:
    suffix, other = pair
    assume(suffix != other and SUFFIX_PATTERN.fullmatch(other))
    types = ("sqs:queue", "sns:topic", "ssm:parameter", "iam:role", "kms:key")
    made = {
        one: [
            Resource(TAGGED[type_](Maker(account, one, environment_tags(one))), type_, environment_tags(suffix))
            for type_ in types
        ]
        for one in pair
    }
    report = Sweeper(account).sweep(suffix, [*made[other], *made[suffix]], timeout=5)
    assert {resource.arn for resource in report.swept} == {resource.arn for resource in made[suffix]}
    assert all(exists(account, resource) for resource in made[other])
    assert len(Sweeper(account).sweep(other, made[other], timeout=5).swept) == len(types)
    for one in pair:
        account.client("iam").delete_instance_profile(InstanceProfileName=f"payment-{one}")
        account.client("iam").delete_policy(PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/payment-{one}")
