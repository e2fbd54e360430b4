"""ContainerStack in one Region, with rolling deployments: used, changed under load, and destroyed."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tap.removal.destroy import Destruction
from tests.integration.containers.site import Containers, Load, deployed_containers, payment, soon

SUFFIX = "ecs-1"


@pytest.fixture(scope="module")
def containers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    with deployed_containers(tmp_path_factory.mktemp("containers"), ENVIRONMENT_SUFFIX=SUFFIX) as found:
        yield found


def test_a_second_plan_is_empty(containers: Containers) -> None:
    plan = containers.deployment().terraform.plan()
    assert plan.changes == ()
    assert plan.empty


def test_b_only_callers_with_the_key_are_let_in_and_redirected_to_tls(containers: Containers) -> None:
    site = containers.deployed()
    assert site.api.send("GET", "/health", signed=False).status == 200
    assert site.api.send("POST", "/payments", payment("stranger"), signed=False).status == 401
    answer = site.api.send("POST", "/payments", payment("first"))
    assert (answer.status, answer.body["payment_id"]) == (200, "first")
    assert site.api.send("POST", "/payments", payment("first")).body == answer.body
    assert site.api.send("POST", "/payments", payment("first", "1.00")).status == 409
    assert site.api.send("GET", "/health/deep").body["status"] == "ok"


def test_b_service_logs_in_by_iam(containers: Containers) -> None:
    ledger = containers.ledger(containers.deployed())
    members = ledger.query(
        "SELECT member::regrole::text FROM pg_auth_members WHERE roleid = 'rds_iam'::regrole ORDER BY 1"
    )
    assert ("payment_user",) in members
    users = ledger.query("SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'payments'")
    assert ("payment_user",) in users


def test_b_validation_function_says_what_would_be_taken(containers: Containers) -> None:
    site = containers.deployed()

    def validated(document: dict[str, object]) -> dict[str, object]:
        answer = site.client("lambda").invoke(
            FunctionName=site.outputs["validation_function_name"], Payload=json.dumps(document)
        )
        found: dict[str, object] = json.loads(answer["Payload"].read())
        return found

    assert validated(payment("looked-at"))["valid"] is True
    assert validated(payment("looked-at", "0"))["reason"] == "Invalid amount"
    assert site.api.send("GET", "/payments/looked-at").status == 404


def test_c_a_task_that_is_stopped_and_a_deploy_under_load_lose_nothing(containers: Containers) -> None:
    site = containers.deployed()
    ecs, cluster, service = site.client("ecs"), site.outputs["cluster_name"], site.outputs["service_name"]
    ecs.update_service(cluster=cluster, service=service, desiredCount=4)

    def running() -> int:
        (described,) = ecs.describe_services(cluster=cluster, services=[service])["services"]
        return int(described["runningCount"])

    assert soon(lambda: running() == 4)
    load = Load(site.api, "load")
    with load.running():
        assert soon(lambda: len(load.acknowledged) > 20)
        stopped = ecs.list_tasks(cluster=cluster, serviceName=service)["taskArns"][0]
        ecs.stop_task(cluster=cluster, task=stopped)
        taken = len(load.acknowledged)
        assert soon(lambda: len(load.acknowledged) > taken + 20)
        changed = containers.deployment(LOG_LEVEL="DEBUG")
        summary = changed.terraform.apply(changed.terraform.plan())
        assert summary.change + summary.add > 0
        taken = len(load.acknowledged)
        assert soon(lambda: len(load.acknowledged) > taken + 20)
    rows = containers.ledger(site).query("SELECT payment_id FROM payments WHERE payment_id LIKE 'load-%%'")
    booked = [payment_id for (payment_id,) in rows]
    assert len(booked) == len(set(booked))
    assert set(load.acknowledged) <= set(booked)
    assert changed.terraform.plan().empty


def test_d_no_secret_is_in_the_json_the_plan_or_the_state(containers: Containers) -> None:
    site = containers.deployed()
    secrets = site.client("secretsmanager")
    master = json.loads(secrets.get_secret_value(SecretId=site.outputs["database_secret_arn"])["SecretString"])
    key = secrets.get_secret_value(SecretId=site.outputs["callers_secret_arn"])["SecretString"]
    name = f"{site.outputs['configuration_path']}/payments/fingerprint_key"
    fingerprint = site.client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    values = {master["password"], key, fingerprint}
    assert len(values) == 3
    assert all(len(value) >= 8 for value in values)
    texts = containers.texts(containers.deployment(LOG_LEVEL="DEBUG"))
    assert not [value for value in values for text in texts if value.encode() in text]


def test_e_destroy_leaves_nothing(containers: Containers) -> None:
    deployment = containers.deployment(LOG_LEVEL="DEBUG")
    destruction = Destruction(
        deployment.account, deployment.states, SUFFIX, directory=containers.directory / "environments"
    )
    receipt = destruction.run()
    assert len(receipt.removed) > 200
    assert receipt.left == ()
    containers.ground.clear()
    assert containers.aws.leftovers() == {}
