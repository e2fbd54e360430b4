"""What the experiments of a game day do, and what their role may do for it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from lib.recovery.experiments import Containers, Experiments
from lib.region import Region
from lib.settings import RegionRole
from tests.unit.region_stack import synthesized_in_region
from tests.unit.stacks import Document, arguments, of_type

CLUSTER = "arn:aws:rds:us-east-1:123456789012:cluster:payment-cluster-dev"
TIERS = [[f"subnet-{tier}{zone}" for zone in "abc"] for tier in ("public", "private", "isolated")]


@cache
def _document(kind: str) -> str:
    outputs = {}

    def build(region: Region) -> None:
        containers = (
            Containers(cluster_name="payments", service_name="payment-service") if kind == "containers" else None
        )
        experiments = Experiments(
            region,
            cluster_arn=CLUSTER,
            subnet_ids=TIERS,
            key_arn="arn:aws:kms:us-east-1:123456789012:key/k",
            containers=containers,
        )
        outputs.update(experiments.outputs())

    document = synthesized_in_region(build, role=RegionRole.PRIMARY if kind == "two Regions" else None)
    return json.dumps({**document, "outputs": sorted(outputs)})


def _template(kind: str, name: str) -> dict[str, Any]:
    prefix = "primary_" if kind == "two Regions" else ""
    return arguments(_read(kind), f"aws_fis_experiment_template.{prefix}experiment_{name}")


def _read(kind: str) -> Document:
    document: Document = json.loads(_document(kind))
    return document


def _statements(kind: str, concern: str) -> dict[str, dict[str, Any]]:
    policy = arguments(_read(kind), f"aws_iam_policy.experiments_{concern}")["policy"]
    return {statement["Sid"]: statement for statement in json.loads(policy)["Statement"]}


def test_the_loss_of_the_writer_fails_over_the_cluster_and_no_other() -> None:
    template = _template("alone", "writer_lost")
    assert template["action"] == [
        {
            "action_id": "aws:rds:failover-db-cluster",
            "name": "fail-over",
            "target": {"key": "Clusters", "value": "ledger"},
        }
    ]
    assert template["target"][0]["resource_arns"] == [CLUSTER]
    assert _statements("alone", "database")["FailOver"]["Resource"] == [CLUSTER]


def test_a_lost_zone_has_its_subnets_of_every_tier_cut_off() -> None:
    template = _template("alone", "zone_lost")
    subnets = template["target"][0]
    assert [arn.rpartition("/")[2] for arn in subnets["resource_arns"]] == [tier[0] for tier in TIERS]
    assert template["action"][0] == {
        "action_id": "aws:network:disrupt-connectivity",
        "name": "disconnect-a",
        "parameter": [{"key": "duration", "value": "PT5M"}, {"key": "scope", "value": "all"}],
        "target": {"key": "Subnets", "value": "subnets-a"},
    }


def test_a_lost_zone_takes_the_writer_only_if_it_is_there() -> None:
    template = _template("alone", "zone_lost")
    writer = template["target"][1]
    assert writer["parameters"] == {"writerAvailabilityZoneIdentifiers": "us-east-1a"}
    assert {tag["key"] for tag in writer["resource_tag"]} == {"Project", "EnvironmentSuffix"}
    assert template["experiment_options"]["empty_target_resolution_mode"] == "skip"


def test_only_a_service_of_containers_has_tasks_that_are_stopped() -> None:
    names = [action["name"] for action in _template("containers", "zone_lost")["action"]]
    tasks = _template("containers", "zone_lost")["target"][2]
    assert names == ["disconnect-a", "fail-over", "stop-tasks"]
    assert tasks["parameters"] == {"cluster": "payments", "service": "payment-service"}
    assert tasks["filter"] == [{"path": "AvailabilityZone", "values": ["us-east-1a"]}]
    assert _statements("containers", "tasks")["StopTasks"]["Resource"][0].endswith(":task/payments/*")
    assert "experiments_tasks" not in of_type(_read("alone"), "aws_iam_policy")


def test_a_lost_region_has_every_zone_cut_off_with_no_more_arns_in_a_target_than_fis_takes() -> None:
    template = _template("two Regions", "region_lost")
    cut = [arn for target in template["target"] for arn in target["resource_arns"]]
    assert len(cut) == len(set(cut)) == 9
    assert max(len(target["resource_arns"]) for target in template["target"]) <= 5
    assert template["stop_condition"] == [{"source": "none"}]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("alone", ["experiment_writer_lost_id", "experiment_zone_lost_id"]),
        ("two Regions", ["experiment_region_lost_id", "experiment_writer_lost_id", "experiment_zone_lost_id"]),
    ],
)
def test_only_one_of_two_regions_can_be_lost(kind: str, expected: list[str]) -> None:
    assert _read(kind)["outputs"] == expected


@pytest.mark.parametrize("name", ["writer_lost", "zone_lost"])
def test_no_alarm_ends_what_is_to_be_seen(name: str) -> None:
    assert _template("containers", name)["stop_condition"] == [{"source": "none"}]


def test_the_role_is_assumed_for_this_account_only_and_changes_only_acls_that_fis_made() -> None:
    role = json.loads(arguments(_read("alone"), "aws_iam_role.experiments_role")["assume_role_policy"])["Statement"][0]
    assert role["Principal"] == {"Service": "fis.amazonaws.com"}
    assert "aws:SourceAccount" in role["Condition"]["StringEquals"]
    network = _statements("alone", "network")
    assert network["ChangeOwnAcls"]["Condition"] == {"StringEquals": {"ec2:ResourceTag/managedByFIS": "true"}}
    everywhere = [sid for sid, one in network.items() if one["Resource"] == ["*"]]
    assert everywhere == ["LookAtNetworks"]


def test_every_experiment_is_logged_and_waits_for_its_permissions() -> None:
    for name in ("writer_lost", "zone_lost"):
        template = _template("alone", name)
        log = template["log_configuration"]["cloudwatch_logs_configuration"]["log_group_arn"]
        assert log == "${aws_cloudwatch_log_group.experiments_log_group.arn}:*"
        assert len(template["depends_on"]) == 3
