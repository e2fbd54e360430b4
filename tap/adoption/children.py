"""Looks for parts that a plan wants to create and that have no tags: they may be there, made by a run that was killed.

Each look-up returns the import id of what it found. What it is a part of is named by the plan, so the part belongs to
the environment when its owner does. Left out are parts that AWS takes again without a word, because creating them sets
something and adds nothing: attachments of policies, targets, notices, queue and topic policies, dashboards, scalable
targets with their policies, web ACLs of load balancers, policies of logs and repositories. A second version of a secret
is harmless, and migrations run safely twice.

Import ids: https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/<type without aws_>#import
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from botocore.exceptions import ClientError

from tap.account import Account
from tap.adoption import api_parts, container_parts, function_parts, network_parts
from tap.adoption.planned import PlannedCreate

LookUp = Callable[[Account, PlannedCreate], str | None]

# What services say of a part, or of its owner, that is not there.
_ABSENT = ("NotFound", "NoSuch", "DoesNotExist")


# Parts whose owner is named in the configuration, so that the plan knows the name even of one that it is to create.
_OWNERS = {
    "aws_lambda_alias": ("aws_lambda_function", "function_name", "function_name"),
    "aws_lambda_permission": ("aws_lambda_function", "function_name", "function_name"),
    "aws_lambda_function_url": ("aws_lambda_function", "function_name", "function_name"),
    "aws_db_proxy_target": ("aws_db_proxy", "name", "db_proxy_name"),
    "aws_apigatewayv2_api_mapping": ("aws_apigatewayv2_domain_name", "domain_name", "domain_name"),
}


def find_child(account: Account, create: PlannedCreate, creates: Iterable[PlannedCreate] = ()) -> str | None:
    """The import id of the part that is to be created, None if there is none, or if its type is not looked for.

    It is looked for in the Region of its provider.

    `creates` is all that is to be created: what would belong to one of them belongs to somebody else.
    Raises botocore's errors, but not for an owner that does not exist.
    """
    look_up = _LOOK_UPS.get(create.type)
    if look_up is None or _owner_is_missing(create, creates):
        return None
    try:
        return look_up(account.in_region(create.region), create)
    except ClientError as error:
        if any(word in error.response["Error"]["Code"] for word in _ABSENT):
            return None
        raise


def _owner_is_missing(create: PlannedCreate, creates: Iterable[PlannedCreate]) -> bool:
    if create.type not in _OWNERS:
        return False
    type_, key, named_by = _OWNERS[create.type]
    owners = (each for each in creates if (each.type, each.region) == (type_, create.region))
    return any(each.value(key) == create.value(named_by) for each in owners)


def is_child(type_: str) -> bool:
    """Whether resources of this type are looked for here."""
    return type_ in _LOOK_UPS


def _key_alias(account: Account, create: PlannedCreate) -> str | None:
    if (named := create.values_of("name", "target_key_id")) is None:
        return None
    return _first(account, "kms", "list_aliases", "Aliases", lambda alias: named[0] * (alias["AliasName"] == named[0]))


def _event_archive(account: Account, create: PlannedCreate) -> str | None:
    if (named := create.values_of("name", "event_source_arn")) is None:
        return None
    archive = account.client("events").describe_archive(ArchiveName=named[0])
    return named[0] if archive["EventSourceArn"] == named[1] else None


def _schedule(account: Account, create: PlannedCreate) -> str | None:
    target = create.values.get("target") or [{}]
    if not (name := create.value("name")) or not (role := target[0].get("role_arn")):
        return None
    schedule = account.client("scheduler").get_schedule(Name=name)
    return f"{schedule['GroupName']}/{name}" if schedule["Target"]["RoleArn"] == role else None


def _backup_selection(account: Account, create: PlannedCreate) -> str | None:
    if (named := create.values_of("name", "plan_id")) is None:
        return None
    name, plan = named
    return _first(
        account,
        "backup",
        "list_backup_selections",
        "BackupSelectionsList",
        lambda selection: f"{plan}|{selection['SelectionId']}" * (selection["SelectionName"] == name),
        BackupPlanId=plan,
    )


def _restore_testing_selection(account: Account, create: PlannedCreate) -> str | None:
    if (named := create.values_of("name", "restore_testing_plan_name")) is None:
        return None
    name, plan = named
    found = account.client("backup").get_restore_testing_selection(
        RestoreTestingPlanName=plan, RestoreTestingSelectionName=name
    )
    return f"{found['RestoreTestingSelection']['RestoreTestingSelectionName']}:{plan}"


def _record(account: Account, create: PlannedCreate) -> str | None:
    if (named := create.values_of("zone_id", "name", "type")) is None:
        return None
    zone, name, type_ = named
    # Records of one name and type have identifiers, of which there are few.
    identifier = create.value("set_identifier")
    answer = account.client("route53").list_resource_record_sets(
        HostedZoneId=zone, StartRecordName=name, StartRecordType=type_
    )
    wanted = (name.rstrip("."), type_, identifier)
    for record in answer["ResourceRecordSets"]:
        if (record["Name"].rstrip("."), record["Type"], record.get("SetIdentifier")) == wanted:
            return "_".join(filter(None, (zone, name, type_, identifier)))
    return None


def _private_zone(account: Account, create: PlannedCreate) -> str | None:
    """The zone of that name that the VPC sees. The provider gives a zone its tags 15 s and more after making it."""
    networks = create.values.get("vpc") or [{}]
    if not (name := create.value("name")) or not (vpc := networks[0].get("vpc_id")):
        return None
    region = networks[0].get("vpc_region") or account.region
    zones = account.client("route53").list_hosted_zones_by_vpc(VPCId=vpc, VPCRegion=region)
    found = (zone["HostedZoneId"] for zone in zones["HostedZoneSummaries"] if zone["Name"].rstrip(".") == name)
    return next((str(id_).rpartition("/")[2] for id_ in found), None)


def _proxy_target(account: Account, create: PlannedCreate) -> str | None:
    named = create.values_of("db_proxy_name", "target_group_name", "db_cluster_identifier")
    if named is None:
        return None
    proxy, group, cluster = named
    targets = account.client("rds").describe_db_proxy_targets(DBProxyName=proxy, TargetGroupName=group)["Targets"]
    found = any(target["Type"] == "TRACKED_CLUSTER" and target["RdsResourceId"] == cluster for target in targets)
    return f"{proxy}/{group}/TRACKED_CLUSTER/{cluster}" if found else None


def _first(
    account: Account, service: str, operation: str, key: str, choose: Callable[[Any], str], **parameters: str
) -> str | None:
    """The first answer of `choose` that is not empty, over all pages."""
    for page in account.client(service).get_paginator(operation).paginate(**parameters):
        for item in page[key]:
            if chosen := choose(item):
                return chosen
    return None


_LOOK_UPS: dict[str, LookUp] = {
    "aws_route": network_parts.route,
    "aws_route_table_association": network_parts.route_table_association,
    "aws_vpc_security_group_egress_rule": network_parts.egress_rule,
    "aws_vpc_security_group_ingress_rule": network_parts.ingress_rule,
    "aws_kms_alias": _key_alias,
    "aws_lambda_alias": function_parts.alias,
    "aws_lambda_permission": function_parts.permission,
    "aws_lambda_event_source_mapping": function_parts.event_source_mapping,
    "aws_lambda_function_url": function_parts.function_url,
    "aws_apigatewayv2_integration": api_parts.integration,
    "aws_apigatewayv2_route": api_parts.route,
    "aws_apigatewayv2_stage": api_parts.stage,
    "aws_apigatewayv2_authorizer": api_parts.authorizer,
    "aws_apigatewayv2_api_mapping": api_parts.api_mapping,
    "aws_cloudwatch_event_archive": _event_archive,
    "aws_scheduler_schedule": _schedule,
    "aws_backup_selection": _backup_selection,
    "aws_backup_restore_testing_selection": _restore_testing_selection,
    "aws_route53_record": _record,
    "aws_route53_zone": _private_zone,
    "aws_db_proxy_target": _proxy_target,
    "aws_lb_listener": container_parts.listener,
    "aws_service_discovery_private_dns_namespace": container_parts.namespace,
}
