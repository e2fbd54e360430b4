"""Everything that an account holds, as AWS's own API tells it, to be compared before and after."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tap.account import Account

# Service, operation and the list in its answer. Operations with a paginator are read to the last page.
LISTS: tuple[tuple[str, str, str], ...] = (
    ("apigatewayv2", "get_apis", "Items"),
    ("backup", "list_backup_plans", "BackupPlansList"),
    ("backup", "list_backup_vaults", "BackupVaultList"),
    ("cloudwatch", "describe_alarms", "MetricAlarms"),
    ("cloudwatch", "describe_alarms", "CompositeAlarms"),
    ("cloudwatch", "list_dashboards", "DashboardEntries"),
    ("ec2", "describe_addresses", "Addresses"),
    ("ec2", "describe_flow_logs", "FlowLogs"),
    ("ec2", "describe_internet_gateways", "InternetGateways"),
    ("ec2", "describe_nat_gateways", "NatGateways"),
    ("ec2", "describe_network_interfaces", "NetworkInterfaces"),
    ("ec2", "describe_route_tables", "RouteTables"),
    ("ec2", "describe_security_group_rules", "SecurityGroupRules"),
    ("ec2", "describe_security_groups", "SecurityGroups"),
    ("ec2", "describe_subnets", "Subnets"),
    ("ec2", "describe_vpc_endpoints", "VpcEndpoints"),
    ("ec2", "describe_vpcs", "Vpcs"),
    ("events", "list_archives", "Archives"),
    ("events", "list_event_buses", "EventBuses"),
    ("iam", "get_account_authorization_details", "RoleDetailList"),
    ("kms", "list_aliases", "Aliases"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings"),
    ("lambda", "list_functions", "Functions"),
    ("logs", "describe_log_groups", "logGroups"),
    ("rds", "describe_db_cluster_parameter_groups", "DBClusterParameterGroups"),
    ("rds", "describe_db_cluster_snapshots", "DBClusterSnapshots"),
    ("rds", "describe_db_clusters", "DBClusters"),
    ("rds", "describe_db_instances", "DBInstances"),
    ("rds", "describe_db_proxies", "DBProxies"),
    ("rds", "describe_db_subnet_groups", "DBSubnetGroups"),
    ("scheduler", "list_schedules", "Schedules"),
    ("secretsmanager", "list_secrets", "SecretList"),
    ("sns", "list_subscriptions", "Subscriptions"),
    ("ssm", "describe_parameters", "Parameters"),
    ("stepfunctions", "list_state_machines", "stateMachines"),
)
# What changes by itself: a moment of each answer, and the state of an alarm, which is evaluated again and again.
VOLATILE = frozenset(
    {
        "LastAccessedDate",
        "LatestRestorableTime",
        "ApproximateNumberOfMessages",
        "StateValue",
        "StateReason",
        "StateReasonData",
        "StateUpdatedTimestamp",
        "StateTransitionedTimestamp",
    }
)


def dump(account: Account) -> list[str]:
    """One line of JSON for each thing that exists, sorted; the same bytes as long as nothing changes."""
    with ThreadPoolExecutor(4) as pool:
        lists = [pool.submit(list, _listed(account, *one)) for one in LISTS]
        details = [pool.submit(list, read(account)) for read in DETAILS]
        return sorted(line for future in [*lists, *details] for line in future.result())


def _listed(account: Account, service: str, operation: str, result: str) -> Iterator[str]:
    client = account.client(service)
    options = {"Filter": ["Role"]} if operation == "get_account_authorization_details" else {}
    if client.can_paginate(operation):
        pages = client.get_paginator(operation).paginate(**options)
    else:
        pages = [getattr(client, operation)(**options)]
    for page in pages:
        for item in page.get(result, []):
            yield _line(f"{service}.{operation}.{result}", item)


def _tables(account: Account) -> Iterator[str]:
    dynamodb = account.client("dynamodb")
    for page in dynamodb.get_paginator("list_tables").paginate():
        for name in page["TableNames"]:
            table = dynamodb.describe_table(TableName=name)["Table"]
            yield _line("dynamodb", [table, dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]])


def _queues(account: Account) -> Iterator[str]:
    sqs = account.client("sqs")
    for page in sqs.get_paginator("list_queues").paginate():
        for url in page.get("QueueUrls", []):
            attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            yield _line("sqs", [attributes, sqs.list_queue_tags(QueueUrl=url).get("Tags")])


def _topics(account: Account) -> Iterator[str]:
    sns = account.client("sns")
    for page in sns.get_paginator("list_topics").paginate():
        for topic in page["Topics"]:
            arn = topic["TopicArn"]
            attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
            yield _line("sns", [attributes, sns.list_tags_for_resource(ResourceArn=arn)["Tags"]])


def _keys(account: Account) -> Iterator[str]:
    kms = account.client("kms")
    for page in kms.get_paginator("list_keys").paginate():
        for key in page["Keys"]:
            metadata = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
            yield _line("kms", [metadata, kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]])


def _policies(account: Account) -> Iterator[str]:
    iam = account.client("iam")
    for page in iam.get_paginator("list_policies").paginate(Scope="Local"):
        for policy in page["Policies"]:
            yield _line("iam.policy", [policy, iam.list_policy_tags(PolicyArn=policy["Arn"])["Tags"]])


def _rules(account: Account) -> Iterator[str]:
    events = account.client("events")
    for bus in events.list_event_buses()["EventBuses"]:
        for rule in events.list_rules(EventBusName=bus["Name"])["Rules"]:
            targets = events.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus["Name"])["Targets"]
            yield _line("events.rule", [rule, targets, events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]])


def _log_group_tags(account: Account) -> Iterator[str]:
    logs = account.client("logs")
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            arn = group["arn"].removesuffix(":*")
            yield _line("logs.tags", [arn, logs.list_tags_for_resource(resourceArn=arn)["tags"]])


def _zones(account: Account) -> Iterator[str]:
    route53 = account.client("route53")
    for page in route53.get_paginator("list_hosted_zones").paginate():
        for zone in page["HostedZones"]:
            zone_id = zone["Id"].rpartition("/")[2]
            records = route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone_id)
            tags = route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone_id)["ResourceTagSet"]
            yield _line("route53", [zone, [part["ResourceRecordSets"] for part in records], tags])


def _parameters(account: Account) -> Iterator[str]:
    ssm = account.client("ssm")
    for page in ssm.get_paginator("get_parameters_by_path").paginate(Path="/", Recursive=True):
        for parameter in page["Parameters"]:
            tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=parameter["Name"])["TagList"]
            yield _line("ssm", [parameter, tags])


def _objects(account: Account) -> Iterator[str]:
    s3 = account.client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
            for version in page.get("Versions", []) + page.get("DeleteMarkers", []):
                yield _line("s3", [name, version])


DETAILS: tuple[Callable[[Account], Iterator[str]], ...] = (
    _tables,
    _queues,
    _topics,
    _keys,
    _policies,
    _rules,
    _log_group_tags,
    _zones,
    _parameters,
    _objects,
)


def _line(kind: str, item: Any) -> str:
    return f"{kind} {json.dumps(_steady(item), sort_keys=True, default=str)}"


def _steady(item: Any) -> Any:
    if isinstance(item, dict):
        return {name: _steady(value) for name, value in item.items() if name not in VOLATILE}
    return [_steady(value) for value in item] if isinstance(item, list) else item
