"""Which resources still exist, of those that the tagging API returns.

It goes on returning some for minutes to hours after their deletion, and "previously tagged" ones at any time:
https://github.com/boto/boto3/issues/3341, https://github.com/aws/aws-sdk/issues/302. What only waits for its deletion
(KMS keys, secrets) is returned for days. So every type of the stack can be asked for at its own service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import groupby

from tap.account import Account
from tap.inventory.described import parameter_name
from tap.inventory.descriptions import one_exists
from tap.inventory.listing import at_once, batches, listed
from tap.inventory.network_existence import NETWORK, existing_in_network
from tap.inventory.resource import Resource

Check = Callable[[Account, Sequence[Resource]], set[str]]
"""From resources of one type in one Region, at least one, to the ARNs of those that exist."""

ALARMS_AT_ONCE = 100
ALIASES_AT_ONCE = 100
FEW_KEYS = 10
PARAMETERS_AT_ONCE = 50
CLUSTERS_AT_ONCE = 100


def existing_keys(account: Account, keys: Sequence[Resource]) -> set[str]:
    """Keys that do not wait for their deletion.

    A listing does not tell. Keys of an alias are in use: it goes before its key. Only the others are asked for singly,
    or all where they are few.
    """
    asked = list(keys)
    used: set[str] = set()
    if len(asked) > FEW_KEYS:
        aliases = listed(
            account,
            "kms",
            "list_aliases",
            "Aliases",
            region=_region(keys),
            PaginationConfig={"PageSize": ALIASES_AT_ONCE},
        )
        ids = {alias.get("TargetKeyId") for alias in aliases}
        used = {key.arn for key in asked if key.name in ids}
    return used | _existing_singly(account, [key for key in asked if key.arn not in used])


def existing_secrets(account: Account, secrets: Sequence[Resource]) -> set[str]:
    """Secrets that do not wait for their deletion: a listing leaves those out."""
    filters = [{"Key": "tag-key", "Values": ["EnvironmentSuffix"]}]
    found = listed(account, "secretsmanager", "list_secrets", "SecretList", region=_region(secrets), Filters=filters)
    arns = {secret["ARN"] for secret in found}
    return {secret.arn for secret in secrets if secret.arn in arns}


def existing_zones(account: Account, zones: Sequence[Resource]) -> set[str]:
    """Hosted zones, all of which are listed at a hundred a call."""
    found = {zone["Id"].rpartition("/")[2] for zone in listed(account, "route53", "list_hosted_zones", "HostedZones")}
    return {zone.arn for zone in zones if zone.name in found}


def existing_policies(account: Account, policies: Sequence[Resource]) -> set[str]:
    """Policies that the account made itself, listed a thousand a call."""
    found = listed(account, "iam", "list_policies", "Policies", Scope="Local", PaginationConfig={"PageSize": 1000})
    arns = {policy["Arn"] for policy in found}
    return {policy.arn for policy in policies if policy.arn in arns}


def existing_alarms(account: Account, alarms: Sequence[Resource]) -> set[str]:
    """Metric and composite alarms."""
    found: set[str] = set()
    for batch in batches(alarms, ALARMS_AT_ONCE):
        names, kinds = [alarm.arn.split(":", 6)[6] for alarm in batch], ["MetricAlarm", "CompositeAlarm"]
        for output in ("MetricAlarms", "CompositeAlarms"):
            answer = listed(
                account,
                "cloudwatch",
                "describe_alarms",
                output,
                region=_region(alarms),
                AlarmNames=names,
                AlarmTypes=kinds,
            )
            found |= {alarm["AlarmArn"] for alarm in answer}
    return {alarm.arn for alarm in alarms if alarm.arn in found}


def existing_parameters(account: Account, parameters: Sequence[Resource]) -> set[str]:
    """SSM parameters, without their values."""
    found: set[str] = set()
    for batch in batches(parameters, PARAMETERS_AT_ONCE):
        filters = [{"Key": "Name", "Option": "Equals", "Values": [parameter_name(one) for one in batch]}]
        answer = listed(
            account, "ssm", "describe_parameters", "Parameters", region=_region(parameters), ParameterFilters=filters
        )
        found |= {parameter["Name"] for parameter in answer}
    return {parameter.arn for parameter in parameters if parameter_name(parameter) in found}


def _existing_databases(
    account: Account, resources: Sequence[Resource], *, operation: str, output: str, arn: str, by: str
) -> set[str]:
    """Clusters and instances, whose descriptions can be filtered by ARN."""
    found: set[str] = set()
    for batch in batches(resources, CLUSTERS_AT_ONCE):
        filters = [{"Name": by, "Values": [resource.name for resource in batch]}]
        found |= {
            one[arn] for one in listed(account, "rds", operation, output, region=_region(resources), Filters=filters)
        }
    return {resource.arn for resource in resources if resource.arn in found}


def existing_proxies(account: Account, proxies: Sequence[Resource]) -> set[str]:
    """RDS proxies, whose ARNs do not have their names."""
    found = {
        proxy["DBProxyArn"]
        for proxy in listed(account, "rds", "describe_db_proxies", "DBProxies", region=_region(proxies))
    }
    return {proxy.arn for proxy in proxies if proxy.arn in found}


def _existing_singly(account: Account, resources: Sequence[Resource]) -> set[str]:
    found = at_once(partial(one_exists, account, resource) for resource in resources)
    return {resource.arn for resource, there in zip(resources, found, strict=True) if there}


BATCHED: Mapping[str, Check] = {
    **dict.fromkeys(NETWORK, existing_in_network),
    "cloudwatch:alarm": existing_alarms,
    "iam:policy": existing_policies,
    "kms:key": existing_keys,
    "rds:cluster": partial(
        _existing_databases,
        operation="describe_db_clusters",
        output="DBClusters",
        arn="DBClusterArn",
        by="db-cluster-id",
    ),
    "rds:db": partial(
        _existing_databases,
        operation="describe_db_instances",
        output="DBInstances",
        arn="DBInstanceArn",
        by="db-instance-id",
    ),
    "rds:db-proxy": existing_proxies,
    "route53:hostedzone": existing_zones,
    "secretsmanager:secret": existing_secrets,
    "ssm:parameter": existing_parameters,
}
"""Types of which many are asked for at once."""


def existing(account: Account, resources: Iterable[Resource]) -> list[Resource]:
    """Those of the resources that exist; those of types that the stack does not have are believed to.

    Raises `InventoryError` if a call fails.
    """
    ordered = sorted(resources, key=_type_and_region)
    groups = [list(group) for _, group in groupby(ordered, key=_type_and_region)]
    found = at_once(
        partial(BATCHED.get(group[0].type, _existing_singly), account.in_region(group[0].region), group)
        for group in groups
    )
    arns = set[str]().union(*found)
    return [resource for resource in ordered if resource.arn in arns]


def _type_and_region(resource: Resource) -> tuple[str, str]:
    return resource.type, resource.region


def _region(resources: Sequence[Resource]) -> str | None:
    return resources[0].region or None
