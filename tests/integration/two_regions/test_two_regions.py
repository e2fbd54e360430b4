"""The architecture in two Regions, deployed for real: payments, their way to the secondary, promotion, removal.

In this order: what a later test does to the deployment, an earlier one must not meet.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pymysql
import pytest

from lib.settings import RegionRole
from local_aws.demo.payments import wait_until
from local_aws.event_consumer import EventConsumer
from tap.inventory.finder import Finder
from tap.inventory.states import LocalStates
from tap.removal.destroy import Destruction
from tests.integration.two_regions.conftest import REGIONS, SUFFIX, TwoRegions

SECONDS = 30


def payment(payment_id: str, amount: str = "12.50") -> dict[str, str]:
    accounts = {"payer_account": "DE-PAYER-1", "payee_account": "FR-PAYEE-1"}
    return {"payment_id": payment_id, "amount": amount, "currency": "EUR", **accounts}


def soon(condition: Callable[[], Any]) -> bool:
    return wait_until(lambda: bool(condition()), SECONDS)


def test_a_second_plan_is_empty(two_regions: TwoRegions) -> None:
    plan = two_regions.local.deployment.terraform.plan()
    assert plan.changes == ()
    assert plan.empty


def test_everything_that_can_be_tagged_is_tagged_in_both_regions(two_regions: TwoRegions) -> None:
    state = two_regions.local.deployment.terraform.state_json()
    resources = [r for r in state["values"]["root_module"]["resources"] if "tags_all" in r["values"]]
    wanted = two_regions.local.deployment.settings.tags
    assert (wanted["HomeRegion"], wanted["SecondaryRegion"]) == tuple(REGIONS.values())
    untagged = [r["address"] for r in resources if not wanted.items() <= (r["values"]["tags_all"] or {}).items()]
    assert len(resources) > 120
    assert untagged == []


def test_the_secondary_is_the_same_system_with_a_name_of_its_own(two_regions: TwoRegions) -> None:
    for role, site in zip(REGIONS, two_regions.both, strict=True):
        (cluster,) = site.client("rds").describe_db_clusters(DBClusterIdentifier=site.outputs["database_cluster_id"])[
            "DBClusters"
        ]
        assert cluster["DBClusterIdentifier"] == f"payment-{role}-{SUFFIX}"
        assert cluster["StorageEncrypted"] is True
        assert site.outputs["function_name"] == f"payment-processor-{role}-{SUFFIX}"
        table = site.client("dynamodb").describe_table(TableName=f"payment-sessions-{SUFFIX}")["Table"]
        assert table["SSEDescription"]["KMSMasterKeyArn"].startswith(f"arn:aws:kms:{REGIONS[role]}:")
        backups = site.client("dynamodb").describe_continuous_backups(TableName=table["TableName"])
        recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"


def test_no_secret_is_in_the_json_the_plan_or_the_state(two_regions: TwoRegions) -> None:
    passwords = set()
    for site in two_regions.both:
        secrets = site.client("secretsmanager")
        for output in ("database_secret_arn", "database_user_secret_arn"):
            assert f":{site.outputs['aws_region']}:" in site.outputs[output]
            login = json.loads(secrets.get_secret_value(SecretId=site.outputs[output])["SecretString"])
            passwords.add(login["password"])
        name = f"{site.outputs['configuration_path']}/payments/fingerprint_key"
        passwords.add(site.client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
    # Each is the same in both Regions.
    assert len(passwords) == 3
    assert all(len(password) >= 32 for password in passwords)
    local = two_regions.local
    written = [path for path in local.directory.rglob("*") if path.is_file() and "local_aws" not in path.parts]
    assert [path for path in written if path.suffix == ".tfstate"]
    plan, terraform = local.deployment.terraform.plan(), local.deployment.terraform
    texts = [path.read_bytes() for path in written]
    texts += [json.dumps(terraform.plan_json(plan)).encode(), json.dumps(terraform.state_json()).encode()]
    assert not [password for password in passwords for text in texts if password.encode() in text]


def test_a_payment_of_the_primary_reaches_the_secondary_in_every_way(two_regions: TwoRegions) -> None:
    primary, secondary = two_regions.both
    bus = secondary.outputs["event_bus_name"]
    with EventConsumer.subscribed(secondary.session, secondary.endpoint_url, bus=bus, name="two-regions") as consumer:
        answer = primary.api.send("POST", "/payments", payment("everywhere"))
        assert (answer.status, answer.body["region"]) == (200, REGIONS["primary"])

        assert soon(lambda: _received(consumer))
    (event,) = consumer.events.values()
    assert (event["detail-type"], event["region"]) == ("Payment Committed", REGIONS["primary"])
    assert event["detail"]["payment_id"] == "everywhere"
    dynamodb, key = secondary.client("dynamodb"), {"session_id": {"S": "everywhere"}}
    assert soon(lambda: "Item" in dynamodb.get_item(TableName=secondary.outputs["sessions_table_name"], Key=key))
    found = secondary.api.send("GET", "/payments/everywhere")
    assert (found.status, found.body) == (200, answer.body)
    reader = two_regions.ledger(secondary, "database_reader_endpoint")
    assert reader.statuses() == {"COMMITTED": 1}


def test_the_secondary_refuses_a_payment_and_stores_nothing(two_regions: TwoRegions) -> None:
    refused = two_regions.secondary.api.send("POST", "/payments", payment("elsewhere"))
    assert refused.status == 503
    assert int(refused.headers["retry-after"]) > 0
    assert refused.body["reason"] == "Region is secondary"
    for site in two_regions.both:
        assert site.api.send("GET", "/payments/elsewhere").status == 404
    assert two_regions.secondary.api.send("POST", "/payments", payment("elsewhere", "0")).status == 400


def test_the_secondarys_database_refuses_writes_itself(two_regions: TwoRegions) -> None:
    reader = two_regions.ledger(two_regions.secondary, "database_reader_endpoint")
    with pytest.raises(pymysql.MySQLError) as refused:
        reader.query("DELETE FROM outbox")
    assert refused.value.args[0] == 1290


def test_health_is_served_to_everyone_and_is_what_route_53_asks_for(two_regions: TwoRegions) -> None:
    route53 = two_regions.primary.client("route53")
    zone = route53.list_resource_record_sets(HostedZoneId=two_regions.primary.outputs["zone_id"])["ResourceRecordSets"]
    records = {record["Failover"]: record for record in zone if "Failover" in record}
    for role, site in zip(("PRIMARY", "SECONDARY"), two_regions.both, strict=True):
        answer = site.api.send("GET", "/health", signed=False)
        assert (answer.status, answer.body["region"]) == (200, site.outputs["aws_region"])
        assert set(answer.body) == {"status", "region", "environment_suffix", "version"}
        for path in ("/health/deep", "/payments/everywhere"):
            assert site.api.send("GET", path, signed=False).status == 403
        record = records[role]
        assert record["TTL"] == 60
        assert f"https://{record['ResourceRecords'][0]['Value']}" == site.outputs["api_endpoint"]
        observations = route53.get_health_check_status(HealthCheckId=record["HealthCheckId"])["HealthCheckObservations"]
        assert observations
        assert all(one["StatusReport"]["Status"].startswith("Success") for one in observations)


def test_backups_are_copied_to_the_other_region(two_regions: TwoRegions) -> None:
    primary, secondary = two_regions.both
    plan = primary.client("backup").get_backup_plan(BackupPlanId=primary.outputs["backup_plan_id"])["BackupPlan"]
    (rule,) = plan["Rules"]
    (copy,) = rule["CopyActions"]
    assert copy["Lifecycle"] == {"DeleteAfterDays": 7}
    vault = secondary.client("backup").describe_backup_vault(BackupVaultName=secondary.outputs["backup_vault_name"])
    assert copy["DestinationBackupVaultArn"] == vault["BackupVaultArn"]


def test_the_lag_is_watched_in_the_secondary(two_regions: TwoRegions) -> None:
    secondary = two_regions.secondary
    (alarm,) = secondary.client("cloudwatch").describe_alarms(
        AlarmNames=[f"payment-replication-lag-secondary-{SUFFIX}"]
    )["MetricAlarms"]
    assert (alarm["Threshold"], alarm["TreatMissingData"]) == (10_000, "breaching")
    assert alarm["AlarmActions"] == [secondary.outputs["alerts_topic_arn"]]


def test_promoted_by_hand_the_secondary_takes_payments_and_knows_all_of_before(two_regions: TwoRegions) -> None:
    primary, secondary = two_regions.both
    _switch_over(two_regions, to=secondary)

    assert soon(lambda: secondary.api.send("POST", "/payments", payment("after")).status == 200)
    # Each environment of the function learns of the new role by itself.
    repeated: list[Any] = []
    assert soon(lambda: _sent(secondary, payment("everywhere"), repeated).status == 200)
    assert repeated[-1].body["region"] == REGIONS["primary"]
    assert soon(lambda: secondary.api.send("POST", "/payments", payment("everywhere", "13.00")).status == 409)
    assert soon(lambda: primary.api.send("POST", "/payments", payment("too-late")).status == 503)
    ledger = two_regions.ledger(secondary, "database_endpoint")
    assert ledger.statuses() == {"COMMITTED": 2}
    assert all(balance.debits == balance.credits for balance in ledger.balances())


def test_a_failover_leaves_nothing_for_the_next_plan_to_undo(two_regions: TwoRegions) -> None:
    plan = two_regions.local.deployment.terraform.plan()
    assert plan.changes == ()
    _switch_over(two_regions, to=two_regions.primary)
    assert soon(lambda: two_regions.primary.api.send("POST", "/payments", payment("back")).status == 200)


def test_all_that_is_tagged_is_found_without_the_state(two_regions: TwoRegions) -> None:
    deployment = two_regions.local.deployment
    state = deployment.states.read(SUFFIX)
    assert state is not None
    found = Finder(deployment.account, LocalStates(two_regions.local.directory / "none")).environment(SUFFIX)
    tagged = {one.arn for one in state.managed if one.tags and one.arn}
    assert len(tagged) > 200
    assert tagged - {one.arn for one in found.resources} == set()


def test_destroy_after_a_failover_leaves_nothing_in_either_region(two_regions: TwoRegions) -> None:
    deployment = two_regions.local.deployment
    notes: list[str] = []
    _switch_over(two_regions, to=two_regions.secondary)
    for region in REGIONS.values():
        sqs = deployment.account.client("sqs", region)
        sqs.create_queue(QueueName=f"payment-stray-{SUFFIX}", tags=deployment.settings.tags)
    receipt = Destruction(
        deployment.account, deployment.states, SUFFIX, directory=two_regions.local.directory / "environments"
    ).run(on_note=notes.append)
    assert [note for note in notes if "was failed over" in note]
    removed = list(receipt.removed)
    assert len(removed) > 300
    secondary = removed.index("aws_rds_cluster.secondary_database_cluster")
    assert secondary < removed.index("aws_rds_cluster.primary_database_cluster")
    assert len(receipt.swept) == 2
    assert receipt.left == ()
    assert two_regions.local.aws.leftovers() == {}
    assert list(two_regions.local.directory.glob("*.tfstate")) == []


def _received(consumer: EventConsumer) -> bool:
    consumer.receive()
    return bool(consumer.events)


def _sent(site: Any, document: dict[str, str], answers: list[Any]) -> Any:
    answers.append(site.api.send("POST", "/payments", document))
    return answers[-1]


def _switch_over(two_regions: TwoRegions, *, to: Any) -> None:
    """What an operator does by hand: roles, database and DNS, in the order that never has two primaries."""
    (old,) = [site for site in two_regions.both if site is not to]
    _set_role(old, RegionRole.SECONDARY)
    old.client("rds").switchover_global_cluster(
        GlobalClusterIdentifier=to.outputs["global_cluster_id"],
        TargetDbClusterIdentifier=to.outputs["database_cluster_arn"],
    )
    _set_role(to, RegionRole.PRIMARY)
    # The old Region's API still answers: its check says the opposite, so that the name leads to the other one.
    two_regions.primary.client("route53").update_health_check(
        HealthCheckId=two_regions.primary.outputs["health_check_id"], Inverted=to is two_regions.secondary
    )


def _set_role(site: Any, role: RegionRole) -> None:
    site.client("ssm").put_parameter(Name=site.outputs["role_parameter"], Value=role.value, Overwrite=True)
