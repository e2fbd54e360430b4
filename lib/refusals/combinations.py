"""Arguments that the provider plans together and AWS refuses, or that do nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lib.input_rules import is_owned, is_reserved
from lib.refusals.document import Document, region_of, resources
from lib.settings import Settings

HTTPS_PORT = 443


def combination_faults(document: Document, settings: Settings) -> Iterator[str]:
    """Yield one line for each combination that AWS would refuse."""
    yield from _cluster_faults(document)
    yield from _function_url_faults(document)
    yield from _domain_faults(document)
    yield from _health_check_faults(document)
    yield from _event_faults(document, settings)
    yield from _alarm_faults(document)
    yield from _container_faults(document)


def _cluster_faults(document: Document) -> Iterator[str]:
    binlog = any(
        parameter["name"] == "binlog_format" and parameter["value"] != "OFF"
        for _, _, group in resources(document, "aws_rds_cluster_parameter_group")
        for parameter in group.get("parameter", [])
    )
    for _, address, cluster in resources(document, "aws_rds_cluster"):
        is_global = "global_cluster_identifier" in cluster
        if cluster.get("backtrack_window"):
            for asked, unsupported, remedy in (
                ("PostgreSQL", "postgresql" in cluster.get("engine", ""), "restore to a point in time"),
                ("a global database", is_global, "restore to a point in time"),
                ("Serverless v2", "serverlessv2_scaling_configuration" in cluster, "use a provisioned class"),
                ("binlog replication", binlog, "set binlog_format to OFF"),
            ):
                if unsupported:
                    yield f"{address}: Aurora has no backtrack with {asked}; {remedy}, or leave out backtrack_window"
        if cluster.get("manage_master_user_password") and is_global:
            yield (
                f"{address}: AWS does not manage the password of a global database; generate it in an ephemeral "
                "block and pass it as master_password_wo"
            )
        if "master_username" in cluster and "source_region" in cluster:
            yield f"{address}: a secondary cluster has the primary's users; leave out master_username"
    for _, address, instance in resources(document, "aws_rds_cluster_instance"):
        if instance.get("auto_minor_version_upgrade") is not False:
            yield f"{address}: an upgrade would leave the long-term support line; set auto_minor_version_upgrade=False"


def _function_url_faults(document: Document) -> Iterator[str]:
    for _, address, url in resources(document, "aws_lambda_function_url"):
        if url.get("authorization_type") == "NONE":
            yield f"{address}: authorization NONE opens it to everyone; use AWS_IAM, or the HTTP API"
    for _, address, record in resources(document, "aws_route53_record"):
        targets = " ".join(str(target) for target in record.get("records", []))
        if record.get("type") == "CNAME" and ("lambda-url" in targets or "aws_lambda_function_url" in targets):
            yield (
                f"{address}: a CNAME to a function URL answers 403 (host name and certificate differ); "
                "use the HTTP API with a custom domain and an alias record"
            )


def _domain_faults(document: Document) -> Iterator[str]:
    for _, address, zone in resources(document, "aws_route53_zone"):
        if not zone.get("vpc") and not _resolvable(zone["name"]):
            yield f"{address}: {zone['name']} never resolves in public; make the zone private to a VPC, or own a domain"
    for _, address, certificate in resources(document, "aws_acm_certificate"):
        if not _resolvable(certificate["domain_name"]):
            yield f"{address}: no certificate can be had for {certificate['domain_name']}; use a domain that you own"


def _resolvable(domain: str) -> bool:
    return is_owned(domain) and not is_reserved(domain)


def _health_check_faults(document: Document) -> Iterator[str]:
    """A health checker cannot sign: it sees only what is served to everyone."""
    open_routes = {
        route["route_key"].removeprefix("GET ")
        for _, _, route in resources(document, "aws_apigatewayv2_route")
        if route["route_key"].startswith("GET ") and route.get("authorization_type", "NONE") == "NONE"
    }
    for _, address, check in resources(document, "aws_route53_health_check"):
        if check.get("type") != "HTTPS":
            continue
        port, path = check.get("port", HTTPS_PORT), check.get("resource_path", "/")
        balancer = re.fullmatch(r"\$\{(aws_lb\.\w+)\.dns_name\}", check.get("fqdn", ""))
        served = _paths_of_balancer(document, balancer[1]) if balancer else open_routes
        if port != HTTPS_PORT or path not in served:
            yield (
                f"{address}: nothing answers GET {path} on port {port} without authorization, so it is always "
                f"unhealthy; check port {HTTPS_PORT} and one of {', '.join(sorted(served)) or 'an open route'}"
            )


def _paths_of_balancer(document: Document, address: str) -> set[str]:
    """Return what targets behind a load balancer's HTTPS listener answer its own health checks at."""
    groups = {group: arguments for _, group, arguments in resources(document, "aws_lb_target_group")}
    forwards = [
        re.fullmatch(r"\$\{(aws_lb_target_group\.\w+)\.arn\}", action.get("target_group_arn", ""))
        for _, _, listener in resources(document, "aws_lb_listener")
        if listener["load_balancer_arn"] == f"${{{address}.arn}}"
        and (listener.get("port"), listener.get("protocol")) == (HTTPS_PORT, "HTTPS")
        for action in listener["default_action"]
    ]
    return {groups[forward[1]]["health_check"]["path"] for forward in forwards if forward}


def _event_faults(document: Document, settings: Settings) -> Iterator[str]:
    by_address = {address: arguments for _, address, arguments in resources(document)}
    for _, address, target in resources(document, "aws_cloudwatch_event_target"):
        region = region_of(document, target, settings)
        arn = re.match(r"arn:[\w-]+:lambda:([\w-]+):", target.get("arn", ""))
        reference = re.match(r"\$\{(aws_lambda_\w+\.\w+)\.", target.get("arn", ""))
        there = arn[1] if arn else region_of(document, by_address[reference[1]], settings) if reference else region
        if there != region:
            yield f"{address}: a function in {there} cannot be a target here; target a bus there that calls it"
    for _, address, rule in resources(document, "aws_cloudwatch_event_rule"):
        pattern = rule.get("event_pattern", "")
        if "aws.dynamodb" in pattern and "DynamoDB Stream Record" in pattern:
            yield f"{address}: DynamoDB sends no such events; lead the table's stream to the bus with a Pipe"


def _alarm_faults(document: Document) -> Iterator[str]:
    """An alarm made by one Region's provider on the metric of a resource that another's made."""
    by_address: dict[str, dict[str, Any]] = {address: arguments for _, address, arguments in resources(document)}
    for _, address, alarm in resources(document, "aws_cloudwatch_metric_alarm"):
        for value in alarm.get("dimensions", {}).values():
            reference = re.match(r"\$\{(\w+\.\w+)\.", value)
            measured = by_address.get(reference[1]) if reference else None
            # A global table is measured in each of its Regions.
            if measured and "replica" not in measured and measured.get("provider") != alarm.get("provider"):
                yield (
                    f"{address}: alarms read the metrics of their own Region only; make it with the provider of "
                    f"{reference[1] if reference else value}, with missing data breaching"
                )


def _container_faults(document: Document) -> Iterator[str]:
    for _, address, service in resources(document, "aws_ecs_service"):
        if "CODE_DEPLOY" in str(service.get("deployment_controller")) and service.get("deployment_circuit_breaker"):
            yield f"{address}: the circuit breaker is for rolling deployments; leave out one of it and CodeDeploy"
