"""The demo of the container architecture: the service's tasks take payments, a canary fails, an event is replayed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from local_aws.demo.payments import payment_event
from local_aws.demo.stage import DemoError, Site, Stage
from local_aws.demo.taking import HealthCheck, take_payments
from tap.dead_letters import DeadLetterQueues, Redrive
from tap.environment import Environment

KEYED_HEALTH: tuple[HealthCheck, ...] = (
    ("/health", False, 200),
    ("/health/deep", True, 200),
    ("/health/deep", False, 401),
)
ASTRAY = {
    "payment_id": "demo-astray",
    "amount": "12.50",
    "currency": "EUR",
    "payer_account": "DE-PAYER-0001",
    "payee_account": "FR-PAYEE-0001",
}


def show_containers(stage: Stage, outputs: Mapping[str, Any], role: str | None) -> None:
    """Take payments and show what else there is. In one of two Regions, outputs have the role before their names."""
    prefix = f"{role}_" if role else ""
    own = {name.removeprefix(prefix): value for name, value in outputs.items() if name.startswith(prefix)}
    site = Site(stage, {**outputs, **own})
    _show_tasks(site)
    take_payments(site, KEYED_HEALTH, approvals=False)
    stage.console.rule("an event goes astray and is replayed", align="left")
    _show_replay(site)
    stage.console.rule("the service stops, and a canary says so", align="left")
    _show_canaries(site)


def _show_tasks(site: Site) -> None:
    """The processes that the service is, and what the load balancer says of them."""
    ecs, cluster = site.client("ecs"), site.outputs["cluster_name"]
    minimum = site.stage.deployment.settings.service_min_tasks
    site.stage.wait_for("the tasks were healthy targets", lambda: _healthy(site) >= minimum)
    arns = ecs.list_tasks(cluster=cluster, serviceName=site.outputs["service_name"])["taskArns"]
    tasks = ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"]
    health = _target_health(site)
    rows: list[tuple[str, ...]] = []
    for task in tasks:
        address = next(
            detail["value"]
            for attachment in task["attachments"]
            for detail in attachment["details"]
            if detail["name"] == "privateIPv4Address"
        )
        container = next(one for one in task["containers"] if one["name"] == "payment")
        rows.append((task["taskArn"].rpartition("/")[2], task["lastStatus"], address, health.get(address, "-")))
        image = container["image"]
    site.stage.show("Tasks of the payment service", ("task", "status", "address", "target"), rows)
    site.stage.say(f"image: {image}")


def _target_health(site: Site) -> dict[str, str]:
    described = site.client("elbv2").describe_target_health(TargetGroupArn=site.outputs["target_group_arn"])
    return {one["Target"]["Id"]: one["TargetHealth"]["State"] for one in described["TargetHealthDescriptions"]}


def _show_replay(site: Site) -> None:
    """While the rule may not send to the queue, an event becomes a dead letter; replayed, it is taken."""
    stage, sqs, url = site.stage, site.client("sqs"), site.outputs["replay_queue_url"]
    policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    deployment = stage.deployment
    account = deployment.account.in_region(site.region)
    queues = DeadLetterQueues(Environment(deployment.settings.environment_suffix, account))
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    try:
        bus = site.outputs["event_bus_name"]
        site.client("events").put_events(Entries=[payment_event(bus, json.dumps(ASTRAY))])
        stage.wait_for("the event was a dead letter", lambda: sum(queues.counts().values()) == 1)
    finally:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    (letter,) = queues.read()
    stage.say(f"dead letter in {letter.queue}: {letter.payment_id}, {letter.error}")
    api, path = site.api(), f"/payments/{ASTRAY['payment_id']}"
    if api.send("GET", path).status != 404:
        raise DemoError("a dead letter has been taken")
    redrive = Redrive()
    queues.move(redrive, lambda _: None)
    stage.wait_for("the replayed event was taken", lambda: api.send("GET", path).status == 200)
    stage.say(f"{redrive.moved} replayed: GET {path} -> {json.dumps(api.send('GET', path).body)}")


def _show_canaries(site: Site) -> None:
    """The canaries pass; with no task left one fails, and its alarm turns; then both are well again."""
    stage, ecs = site.stage, site.client("ecs")
    cluster, service = site.outputs["cluster_name"], site.outputs["service_name"]
    names = list(site.outputs["canary_names"])
    for name in names:
        stage.wait_for(f"a run of {name} passed", lambda: "PASSED" in _runs(site, name))  # noqa: B023
    canary = next(name for name in names if "pays" in name)
    alarm = _alarm_on(site, canary)
    stage.wait_for(f"the alarm {alarm} was OK", lambda: _state(site, alarm) == "OK")
    stage.say(f"canaries {', '.join(names)} passed; alarm {alarm}: OK")
    (described,) = ecs.describe_services(cluster=cluster, services=[service])["services"]
    tasks = described["desiredCount"]
    ecs.update_service(cluster=cluster, service=service, desiredCount=0)
    try:
        stage.wait_for(f"{canary} failed", lambda: _runs(site, canary)[:1] == ["FAILED"])
        stage.wait_for(f"the alarm {alarm} turned", lambda: _state(site, alarm) == "ALARM")
        stage.say(f"no task runs: canary {canary} FAILED; alarm {alarm}: ALARM")
    finally:
        ecs.update_service(cluster=cluster, service=service, desiredCount=tasks)
    stage.wait_for("all targets were healthy again", lambda: _healthy(site) == tasks)
    stage.wait_for(f"the alarm {alarm} was OK again", lambda: _state(site, alarm) == "OK")
    stage.say(f"{tasks} tasks run again; alarm {alarm}: OK")


def _healthy(site: Site) -> int:
    return sum(state == "healthy" for state in _target_health(site).values())


def _runs(site: Site, name: str) -> list[str]:
    """States of a canary's runs, the latest first."""
    runs = site.client("synthetics").get_canary_runs(Name=name)["CanaryRuns"]
    return [run["Status"]["State"] for run in runs]


def _alarm_on(site: Site, canary: str) -> str:
    """The alarm on the runs of a canary that fail."""
    pages = site.client("cloudwatch").get_paginator("describe_alarms").paginate()
    return next(
        str(alarm["AlarmName"])
        for page in pages
        for alarm in page["MetricAlarms"]
        if alarm.get("MetricName") == "SuccessPercent"
        and {"Name": "CanaryName", "Value": canary} in alarm["Dimensions"]
    )


def _state(site: Site, alarm: str) -> str:
    (described,) = site.client("cloudwatch").describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    return str(described["StateValue"])
