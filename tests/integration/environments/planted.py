"""Environments as the stack leaves them, made through AWS's API in seconds: for what is about many of them.

Names and tags are those of the stack; what is inside (policies, routes, code) is as small as AWS takes it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import islice
from typing import Any

from lib.inputs import EnvironmentClass
from lib.settings import load_settings
from tap.account import Account
from tests.integration.environments.planted_state import put_state

TAGGED = 110
"""Tagged resources of an environment with the default inputs, roughly. Fewer subnets and rules are among them and more
parameters: the local AWS takes longer for those, the more there are."""
THREADS = 4

Tags = dict[str, str]


def plant(
    account: Account,
    suffix: str,
    *,
    resources: int = TAGGED,
    bucket: str | None = None,
    environment_class: str = "ephemeral",
    expires_at: datetime | None = None,
) -> list[str]:
    """Make an environment of `resources` tagged resources, and a state of it in `bucket`; return their ARNs.

    They are of all kinds, in the order of `_kinds`; beyond those, SSM parameters.
    """
    settings = load_settings(
        _env_file=None,
        environment_suffix=suffix,
        aws_region=account.region,
        environment_class=EnvironmentClass(environment_class),
        expires_at=expires_at,
    )
    arns = list(islice(_kinds(account, suffix, settings.tags), resources))
    if bucket:
        put_state(account, bucket, settings, arns)
    return arns


def plant_all(account: Account, suffixes: Sequence[str], **options: Any) -> dict[str, list[str]]:
    """Make several environments at a time."""
    with ThreadPoolExecutor(THREADS) as pool:
        planted = pool.map(lambda suffix: plant(account, suffix, **options), suffixes)
        return dict(zip(suffixes, planted, strict=True))


def pairs(tags: Tags, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Tags as most services take them."""
    return [{key: name, value: content} for name, content in tags.items()]


def _kinds(account: Account, suffix: str, tags: Tags) -> Iterator[str]:
    makers: tuple[Callable[[Account, str, Tags], Iterator[str]], ...] = (
        _network,
        _identity,
        _messages,
        _data,
        _monitoring,
        _parameters,
    )
    for make in makers:
        yield from make(account, suffix, tags)


def _network(account: Account, suffix: str, tags: Tags) -> Iterator[str]:
    ec2 = account.client("ec2")

    def tagged(kind: str) -> list[dict[str, Any]]:
        return [{"ResourceType": kind, "Tags": pairs({**tags, "Name": f"payment-{kind}-{suffix}"})}]

    def arn(kind: str, identity: str) -> str:
        return f"arn:aws:ec2:{account.region}:{account.id}:{kind}/{identity}"

    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tagged("vpc"))["Vpc"]["VpcId"]
    yield arn("vpc", vpc)
    subnets = []
    for number, letter in enumerate("abc"):
        block, zone = f"10.0.{number}.0/24", f"{account.region}{letter}"
        subnet = ec2.create_subnet(
            VpcId=vpc, CidrBlock=block, AvailabilityZone=zone, TagSpecifications=tagged("subnet")
        )
        subnets.append(subnet["Subnet"]["SubnetId"])
        yield arn("subnet", subnets[-1])
    gateway = ec2.create_internet_gateway(TagSpecifications=tagged("internet-gateway"))
    identity = gateway["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=identity, VpcId=vpc)
    yield arn("internet-gateway", identity)
    address = ec2.allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip"))["AllocationId"]
    yield arn("elastic-ip", address)
    gateway = ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address, TagSpecifications=tagged("natgateway"))
    yield arn("natgateway", gateway["NatGateway"]["NatGatewayId"])
    for _ in range(2):
        table = ec2.create_route_table(VpcId=vpc, TagSpecifications=tagged("route-table"))
        yield arn("route-table", table["RouteTable"]["RouteTableId"])
    for service in ("s3", "dynamodb"):
        endpoint = ec2.create_vpc_endpoint(
            VpcId=vpc,
            ServiceName=f"com.amazonaws.{account.region}.{service}",
            TagSpecifications=tagged("vpc-endpoint"),
        )
        yield arn("vpc-endpoint", endpoint["VpcEndpoint"]["VpcEndpointId"])
    for use in ("database", "function"):
        group = ec2.create_security_group(
            GroupName=f"payment-{use}-{suffix}",
            Description=use,
            VpcId=vpc,
            TagSpecifications=tagged("security-group"),
        )["GroupId"]
        yield arn("security-group", group)
        allowed = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}]
        rule = ec2.authorize_security_group_ingress(
            GroupId=group, IpPermissions=allowed, TagSpecifications=tagged("security-group-rule")
        )
        yield arn("security-group-rule", rule["SecurityGroupRules"][0]["SecurityGroupRuleId"])


def _identity(account: Account, suffix: str, tags: Tags) -> Iterator[str]:
    kms, iam = account.client("kms"), account.client("iam")
    for use in ("database", "operations", "sessions"):
        key = kms.create_key(Tags=pairs(tags, "TagKey", "TagValue"))["KeyMetadata"]
        kms.create_alias(AliasName=f"alias/payment-{use}-{suffix}", TargetKeyId=key["KeyId"])
        yield key["Arn"]
    trust = _document("Allow", "sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"})
    for use in ("approval", "backup", "monitoring", "proxy", "flow-logs", "processor", "migrations", "relay"):
        role = iam.create_role(RoleName=f"payment-{use}-{suffix}", AssumeRolePolicyDocument=trust, Tags=pairs(tags))
        yield role["Role"]["Arn"]
        for number in range(2):
            policy = iam.create_policy(
                PolicyName=f"payment-{use}-{number}-{suffix}",
                PolicyDocument=_document("Allow", "logs:PutLogEvents", Resource="*"),
                Tags=pairs(tags),
            )["Policy"]["Arn"]
            iam.attach_role_policy(RoleName=role["Role"]["RoleName"], PolicyArn=policy)
            yield policy


def _messages(account: Account, suffix: str, tags: Tags) -> Iterator[str]:
    sqs, events = account.client("sqs"), account.client("events")
    for use in ("events-dead-letters", "processor-dead-letters", "replay-dead-letters", "replay"):
        sqs.create_queue(QueueName=f"payment-{use}-{suffix}", tags=tags)
        yield f"arn:aws:sqs:{account.region}:{account.id}:payment-{use}-{suffix}"
    yield account.client("sns").create_topic(Name=f"payment-alerts-{suffix}", Tags=pairs(tags))["TopicArn"]
    name = f"payment-events-{suffix}"
    bus = events.create_event_bus(Name=name, Tags=pairs(tags))["EventBusArn"]
    yield bus
    pattern = json.dumps({"source": ["payment.processor"]})
    yield events.put_rule(Name=name, EventBusName=name, EventPattern=pattern, Tags=pairs(tags))["RuleArn"]
    events.create_archive(ArchiveName=name, EventSourceArn=bus)


def _data(account: Account, suffix: str, tags: Tags) -> Iterator[str]:
    table = account.client("dynamodb").create_table(
        TableName=f"payment-sessions-{suffix}",
        KeySchema=[{"AttributeName": "payment_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "payment_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=pairs(tags),
    )
    yield table["TableDescription"]["TableArn"]
    secret = account.client("secretsmanager").create_secret(Name=f"payment-ledger-user-{suffix}", Tags=pairs(tags))
    yield secret["ARN"]
    vault = account.client("backup").create_backup_vault(
        BackupVaultName=f"payment-backup-vault-{suffix}", BackupVaultTags=tags
    )
    yield vault["BackupVaultArn"]
    route53 = account.client("route53")
    zone = route53.create_hosted_zone(Name=f"payment-{suffix}.testing.local", CallerReference=suffix)["HostedZone"][
        "Id"
    ]
    identity = zone.rpartition("/")[2]
    route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=identity, AddTags=pairs(tags))
    yield f"arn:aws:route53:::hostedzone/{identity}"


def _monitoring(account: Account, suffix: str, tags: Tags) -> Iterator[str]:
    logs, cloudwatch = account.client("logs"), account.client("cloudwatch")
    databases = [
        f"/aws/rds/cluster/payment-cluster-{suffix}/{kind}" for kind in ("audit", "error", "general", "slowquery")
    ]
    functions = [f"/aws/lambda/payment-{use}-{suffix}" for use in ("processor", "migrations")]
    others = [f"/payment/{use}-{suffix}" for use in ("flow-logs", "states", "proxy", "events")]
    for name in (*databases, *functions, *others):
        logs.create_log_group(logGroupName=name, tags=tags)
        yield f"arn:aws:logs:{account.region}:{account.id}:log-group:{name}"
    alarms = [f"payment-{use}-{suffix}" for use in ("api-5xx", "aurora-cpu", "replica-lag", "backups", "dead-letters")]
    arns = [f"arn:aws:cloudwatch:{account.region}:{account.id}:alarm:{name}" for name in alarms]
    for name, arn in zip(alarms, arns, strict=True):
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="AWS/Lambda",
            MetricName="Errors",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            Tags=pairs(tags),
        )
        yield arn
    service = f"payment-service-{suffix}"
    rule = " OR ".join(f'ALARM("{name}")' for name in alarms)
    cloudwatch.put_composite_alarm(AlarmName=service, AlarmRule=rule, Tags=pairs(tags))
    yield f"arn:aws:cloudwatch:{account.region}:{account.id}:alarm:{service}"
    widgets = [{"type": "alarm", "properties": {"title": "Alarms", "alarms": arns}}]
    cloudwatch.put_dashboard(DashboardName=f"payment-{suffix}", DashboardBody=json.dumps({"widgets": widgets}))


def _parameters(account: Account, suffix: str, tags: Tags) -> Iterator[str]:
    """Without end: as many as are asked for."""
    ssm, number = account.client("ssm"), 0
    while True:
        number += 1
        name = f"/payment/{suffix}/setting-{number}"
        ssm.put_parameter(Name=name, Value=str(number), Type="String", Tags=pairs(tags))
        yield f"arn:aws:ssm:{account.region}:{account.id}:parameter{name}"


def _document(effect: str, action: str, **others: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, **others}]})
