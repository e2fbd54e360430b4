"""The demo in two Regions: payments are taken in the primary, and everything of them is seen in the secondary."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from local_aws.demo.outcome import show_ledger
from local_aws.demo.stage import DemoError, Site, Stage
from local_aws.demo.taking import HealthCheck, check_health, take_payments
from local_aws.event_consumer import EventConsumer

OPEN_HEALTH: tuple[HealthCheck, ...] = (
    ("/health", False, 200),
    ("/health/deep", True, 200),
    ("/health/deep", False, 403),
)
REFUSED = {
    "payment_id": "demo-elsewhere",
    "amount": "12.50",
    "currency": "EUR",
    "payer_account": "DE-PAYER-0001",
    "payee_account": "FR-PAYEE-0001",
}


def show_two_regions(stage: Stage, outputs: Mapping[str, Any]) -> None:
    """Take payments in the primary and follow them to the secondary. Raises DemoError."""
    primary, secondary = (_site(stage, outputs, role) for role in ("primary", "secondary"))
    bus = secondary.outputs["event_bus_name"]
    endpoint_url = stage.aws.endpoint_url
    with EventConsumer.subscribed(secondary.session, endpoint_url, bus=bus, name="demo-consumer") as consumer:
        taken = take_payments(primary, OPEN_HEALTH)
        stage.console.rule(f"the secondary Region, {secondary.region}", align="left")
        stage.wait_for("the secondary's bus had every event", lambda: _seen(consumer) >= set(taken))
    stage.say(f"events of {len(taken)} payments came from {primary.region} to the bus in {secondary.region}")
    _show_data(secondary, primary, taken)
    _show_refusal(secondary)
    _show_readiness(primary, secondary, outputs)


def _site(stage: Stage, outputs: Mapping[str, Any], role: str) -> Site:
    own = {name.removeprefix(f"{role}_"): value for name, value in outputs.items() if name.startswith(f"{role}_")}
    shared = {name: value for name, value in outputs.items() if not name.startswith(("primary_", "secondary_"))}
    return Site(stage, {**shared, **own})


def _seen(consumer: EventConsumer) -> set[str]:
    consumer.receive()
    return {event["detail"]["payment_id"] for event in consumer.events.values()}


def _show_data(secondary: Site, primary: Site, taken: list[str]) -> None:
    """Session, ledger and answer, as the secondary has them."""
    stage, table = secondary.stage, secondary.outputs["sessions_table_name"]
    dynamodb = secondary.client("dynamodb")

    def session() -> Any:
        return dynamodb.get_item(TableName=table, Key={"session_id": {"S": taken[0]}}).get("Item")

    stage.wait_for("the session was in the secondary", lambda: session() is not None)
    stage.say(f"session of {taken[0]} in {secondary.region}: {session()['status']['S']}")
    ledger, written = secondary.ledger("database_reader_endpoint"), primary.ledger().balances()
    stage.wait_for("the secondary's ledger had everything", lambda: ledger.balances() == written)
    show_ledger(stage.console, ledger)
    answer = secondary.api().send("GET", f"/payments/{taken[0]}")
    stage.say(f"GET /payments/{taken[0]} in {secondary.region} -> {answer.status} {json.dumps(answer.body)}")
    if answer.status != 200:
        raise DemoError(f"the secondary does not know {taken[0]}")


def _show_refusal(secondary: Site) -> None:
    """A write in the secondary is refused, and leaves nothing."""
    api = secondary.api()
    check_health(secondary, api, OPEN_HEALTH)
    answer = api.send("POST", "/payments", REFUSED)
    retry_after = answer.headers.get("retry-after")
    secondary.stage.say(
        f"POST /payments in {secondary.region} -> {answer.status}, Retry-After {retry_after}: {json.dumps(answer.body)}"
    )
    if answer.status != 503 or not retry_after:
        raise DemoError("the secondary must refuse payments, and say when to try again")
    if api.send("GET", f"/payments/{REFUSED['payment_id']}").status != 404:
        raise DemoError("the refused payment has left something")


def _show_readiness(primary: Site, secondary: Site, outputs: Mapping[str, Any]) -> None:
    """What a failover stands on: roles, global database, copies of backups, DNS with health checks, the lag's alarm."""
    stage = primary.stage
    rows: list[tuple[str, ...]] = []
    for site in (primary, secondary):
        parameter = site.client("ssm").get_parameter(Name=site.outputs["role_parameter"])["Parameter"]
        rows.append((f"role of {site.region} ({parameter['Name']})", parameter["Value"]))
    (database,) = primary.client("rds").describe_global_clusters(GlobalClusterIdentifier=outputs["global_cluster_id"])[
        "GlobalClusters"
    ]
    for member in database["GlobalClusterMembers"]:
        rows.append(
            (
                f"{database['GlobalClusterIdentifier']}: {'writer' if member['IsWriter'] else 'reader'}",
                member["DBClusterArn"],
            )
        )
    plan = primary.client("backup").get_backup_plan(BackupPlanId=outputs["backup_plan_id"])["BackupPlan"]
    for rule in plan["Rules"]:
        for copy in rule["CopyActions"]:
            days = copy["Lifecycle"]["DeleteAfterDays"]
            rows.append((f"{rule['RuleName']} copies, kept {days} days, to", copy["DestinationBackupVaultArn"]))
    rows += _dns(primary, outputs)
    (alarm,) = secondary.client("cloudwatch").describe_alarms(
        AlarmNames=[f"payment-replication-lag-secondary-{outputs['environment_suffix']}"]
    )["MetricAlarms"]
    rows.append(
        (
            f"alarm {alarm['AlarmName']} in {secondary.region}",
            f"{alarm['MetricName']} > {alarm['Threshold']:.0f} ms, missing data {alarm['TreatMissingData']}",
        )
    )
    stage.show("Ready to fail over", ("what", "is"), rows)


def _dns(primary: Site, outputs: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The failover records, each with what the health checkers say of it. Raises DemoError if one is not healthy."""
    route53 = primary.client("route53")
    records = route53.list_resource_record_sets(HostedZoneId=outputs["zone_id"])["ResourceRecordSets"]
    rows: list[tuple[str, ...]] = []
    for record in (record for record in records if "Failover" in record):
        observations = route53.get_health_check_status(HealthCheckId=record["HealthCheckId"])
        statuses = {one["StatusReport"]["Status"] for one in observations["HealthCheckObservations"]}
        if not statuses or not all(status.startswith("Success") for status in statuses):
            raise DemoError(f"the health check of {record['SetIdentifier']} says {statuses}")
        target = record["ResourceRecords"][0]["Value"]
        rows.append(
            (f"{record['Name']} {record['Failover']}, TTL {record['TTL']}, health", "; ".join(sorted(statuses)))
        )
        rows.append((f"{record['Name']} {record['Failover']} leads to", target))
    return rows
