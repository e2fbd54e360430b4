"""ContainerStack with a standby Region and blue-green deployments: used, shifted under load, and destroyed."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tap.removal.destroy import Destruction
from tests.integration.containers.site import Containers, Load, deployed_containers, payment, soon

SUFFIX = "ecs-2"
REGIONS = {"primary": "us-east-1", "secondary": "us-east-2"}


@pytest.fixture(scope="module")
def containers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    with deployed_containers(
        tmp_path_factory.mktemp("standby"),
        ENVIRONMENT_SUFFIX=SUFFIX,
        STANDBY_REGION=REGIONS["secondary"],
        DEPLOYMENT_STRATEGY="blue-green",
    ) as found:
        yield found


def test_a_second_plan_is_empty(containers: Containers) -> None:
    plan = containers.deployment().terraform.plan()
    assert plan.changes == ()
    assert plan.empty


def test_b_standby_has_what_the_primary_took_and_takes_nothing_itself(containers: Containers) -> None:
    primary, standby = containers.deployed("primary"), containers.deployed("secondary")
    answer = primary.api.send("POST", "/payments", payment("everywhere"))
    assert (answer.status, answer.body["region"]) == (200, REGIONS["primary"])
    assert soon(lambda: standby.api.send("GET", "/payments/everywhere").status == 200)
    assert standby.api.send("GET", "/payments/everywhere").body == answer.body
    refused = standby.api.send("POST", "/payments", payment("elsewhere"))
    assert (refused.status, refused.body["reason"]) == (503, "Region is secondary")
    assert primary.api.send("GET", "/payments/elsewhere").status == 404
    reader = containers.ledger(standby, "database_reader_endpoint")
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        reader.query("DELETE FROM outbox")


def test_b_standby_is_smaller_and_both_are_healthy_under_one_name(containers: Containers) -> None:
    sites = {role: containers.deployed(role) for role in REGIONS}
    counts = {}
    for role, site in sites.items():
        (service,) = site.client("ecs").describe_services(
            cluster=site.outputs["cluster_name"], services=[site.outputs["service_name"]]
        )["services"]
        counts[role] = service["desiredCount"]
    assert counts == {"primary": 2, "secondary": 1}
    route53 = sites["primary"].client("route53")
    zone = route53.list_resource_record_sets(HostedZoneId=sites["primary"].outputs["zone_id"])["ResourceRecordSets"]
    records = {record["Failover"]: record for record in zone if "Failover" in record}
    for role, site in zip(("PRIMARY", "SECONDARY"), sites.values(), strict=True):
        alias = records[role]["AliasTarget"]
        assert alias["DNSName"].rstrip(".") == site.outputs["load_balancer_dns_name"]
        assert alias["EvaluateTargetHealth"] is True
        check = records[role]["HealthCheckId"]
        assert soon(
            lambda: all(
                one["StatusReport"]["Status"].startswith("Success")
                for one in route53.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"]  # noqa: B023
            )
        )


def test_c_traffic_shifts_to_new_tasks_and_no_payment_is_lost(containers: Containers) -> None:
    primary = containers.deployed("primary")
    elbv2 = primary.client("elbv2")

    def serving() -> str:
        (listener,) = elbv2.describe_listeners(ListenerArns=[primary.outputs["listener_arn"]])["Listeners"]
        (action,) = listener["DefaultActions"]
        groups = action.get("ForwardConfig", {}).get("TargetGroups") or [action]
        (group,) = (one for one in groups if one.get("Weight", 1))
        return str(group["TargetGroupArn"])

    assert serving() == primary.outputs["target_group_arn"]
    load = Load(primary.api, "shift")
    with load.running():
        assert soon(lambda: len(load.acknowledged) > 10)
        changed = containers.deployment(LOG_LEVEL="DEBUG")
        changed.terraform.apply(changed.terraform.plan())
        taken = len(load.acknowledged)
        assert soon(lambda: len(load.acknowledged) > taken + 10)
    assert serving() == primary.outputs["green_target_group_arn"]
    rows = containers.ledger(primary).query("SELECT payment_id FROM payments WHERE payment_id LIKE 'shift-%%'")
    booked = [payment_id for (payment_id,) in rows]
    assert len(booked) == len(set(booked))
    assert set(load.acknowledged) <= set(booked)
    plan = changed.terraform.plan()
    assert plan.changes == ()
    assert plan.empty


def test_d_destroy_leaves_nothing(containers: Containers) -> None:
    deployment = containers.deployment(LOG_LEVEL="DEBUG")
    destruction = Destruction(
        deployment.account, deployment.states, SUFFIX, directory=containers.directory / "environments"
    )
    receipt = destruction.run()
    assert len(receipt.removed) > 400
    assert receipt.left == ()
    containers.ground.clear()
    assert containers.aws.leftovers() == {}
