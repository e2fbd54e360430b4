"""Tags are set in batches, in the right Region, and through the service where the tagging API cannot."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any, cast

import boto3
import pytest
from boto3 import Session
from botocore.exceptions import ClientError
from moto import mock_aws

from docs.kinds import KINDS
from tap.account import Account
from tap.expiry import tag_writers
from tap.expiry.tag_writers import ARNS_AT_ONCE, write_tags
from tap.inventory.resource import Resource, resource_type

REGION, GLOBAL = "eu-west-1", "us-east-1"
TAGS = {"ExpiresAt": "2030-01-31T16:00:00+00:00"}


class FakeAccount:
    """A tagging API that refuses what `refused` names; every other client is made by moto."""

    region, global_region = REGION, GLOBAL

    def __init__(self) -> None:
        session = Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name=REGION)
        self.account = Account(session)
        self.refused: dict[str, str] = {}
        self.batches: list[tuple[str, list[str]]] = []
        self.error: ClientError | None = None

    def client(self, service: str, region: str | None = None) -> Any:
        if service != "resourcegroupstaggingapi":
            return self.account.client(service, region)
        self.asked = region
        return self

    def tag_resources(self, *, ResourceARNList: list[str], Tags: dict[str, str]) -> dict[str, Any]:  # noqa: N803
        assert Tags == TAGS
        if self.error:
            raise self.error
        self.batches.append((str(self.asked), ResourceARNList))
        faults = {arn: code for arn, code in self.refused.items() if arn in ResourceARNList}
        return {"FailedResourcesMap": {arn: {"ErrorCode": code, "ErrorMessage": "no"} for arn, code in faults.items()}}


@pytest.fixture
def account() -> Iterator[FakeAccount]:
    with mock_aws():
        yield FakeAccount()


def write(account: FakeAccount, *resources: Resource) -> list[tuple[Resource, str]]:
    return write_tags(cast(Account, account), resources, TAGS)


def of(arn: str) -> Resource:
    return Resource(arn, resource_type(arn))


def test_twenty_at_once_in_the_region_and_in_the_global_one(account: FakeAccount) -> None:
    queues = [of(f"arn:aws:sqs:{REGION}:123456789012:queue-{number}") for number in range(ARNS_AT_ONCE)]
    other = of("arn:aws:sqs:us-west-2:123456789012:queue")
    database = of("arn:aws:rds::123456789012:global-cluster:payment-global-pr-1")
    policy = of("arn:aws:iam::123456789012:policy/payment-x-pr-1")
    assert write(account, *queues, other, database, policy) == []
    batches = [(region, len(arns)) for region, arns in account.batches]
    assert batches == [(REGION, 20), (REGION, 1), (GLOBAL, 1), ("us-west-2", 1)]


def make_role() -> tuple[Any, str]:
    iam: Any = boto3.client("iam", region_name=GLOBAL)
    iam.create_role(RoleName="payment-x-pr-1", Path="/", AssumeRolePolicyDocument="{}", Tags=[])
    return lambda: iam.list_role_tags(RoleName="payment-x-pr-1")[
        "Tags"
    ], "arn:aws:iam::123456789012:role/payment-x-pr-1"


def make_policy() -> tuple[Any, str]:
    iam: Any = boto3.client("iam", region_name=GLOBAL)
    document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}]}'
    arn = iam.create_policy(PolicyName="payment-x-pr-1", PolicyDocument=document)["Policy"]["Arn"]
    return lambda: iam.list_policy_tags(PolicyArn=arn)["Tags"], arn


def make_zone() -> tuple[Any, str]:
    route53: Any = boto3.client("route53", region_name=GLOBAL)
    zone = route53.create_hosted_zone(Name="x.testing.local", CallerReference="x")["HostedZone"]["Id"].split("/")[-1]
    read = lambda: route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone)["ResourceTagSet"]["Tags"]  # noqa: E731
    return read, f"arn:aws:route53:::hostedzone/{zone}"


def make_health_check() -> tuple[Any, str]:
    route53: Any = boto3.client("route53", region_name=GLOBAL)
    config = {"Type": "HTTPS", "FullyQualifiedDomainName": "x.testing.local", "Port": 443, "ResourcePath": "/health"}
    check = route53.create_health_check(CallerReference="x", HealthCheckConfig=config)["HealthCheck"]["Id"]
    read = lambda: route53.list_tags_for_resource(ResourceType="healthcheck", ResourceId=check)[  # noqa: E731
        "ResourceTagSet"
    ]["Tags"]
    return read, f"arn:aws:route53:::healthcheck/{check}"


def make_queue() -> tuple[Any, str]:
    sqs: Any = boto3.client("sqs", region_name=REGION)
    url = sqs.create_queue(QueueName="payment-x-pr-1")["QueueUrl"]
    return lambda: sqs.list_queue_tags(QueueUrl=url)["Tags"], f"arn:aws:sqs:{REGION}:123456789012:payment-x-pr-1"


def make_parameter() -> tuple[Any, str]:
    ssm: Any = boto3.client("ssm", region_name=REGION)
    name = "/payment/pr-1/api/endpoint"
    ssm.put_parameter(Name=name, Value="x", Type="String")
    read = lambda: ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]  # noqa: E731
    return read, f"arn:aws:ssm:{REGION}:123456789012:parameter{name}"


def make_log_group() -> tuple[Any, str]:
    logs: Any = boto3.client("logs", region_name=REGION)
    logs.create_log_group(logGroupName="/aws/lambda/payment-x-pr-1")
    arn = f"arn:aws:logs:{REGION}:123456789012:log-group:/aws/lambda/payment-x-pr-1"
    return lambda: logs.list_tags_for_resource(resourceArn=arn)["tags"], arn


def make_key() -> tuple[Any, str]:
    kms: Any = boto3.client("kms", region_name=REGION)
    key = kms.create_key()["KeyMetadata"]
    return lambda: kms.list_resource_tags(KeyId=key["KeyId"])["Tags"], key["Arn"]


def make_vpc() -> tuple[Any, str]:
    ec2: Any = boto3.client("ec2", region_name=REGION)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    read = lambda: ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [vpc]}])["Tags"]  # noqa: E731
    return read, f"arn:aws:ec2:{REGION}:123456789012:vpc/{vpc}"


def make_table() -> tuple[Any, str]:
    dynamodb: Any = boto3.client("dynamodb", region_name=REGION)
    arn = dynamodb.create_table(
        TableName="payment-x-pr-1",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )["TableDescription"]["TableArn"]
    return lambda: dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"], arn


def make_topic() -> tuple[Any, str]:
    sns: Any = boto3.client("sns", region_name=REGION)
    arn = sns.create_topic(Name="payment-x-pr-1")["TopicArn"]
    return lambda: sns.list_tags_for_resource(ResourceArn=arn)["Tags"], arn


def make_secret() -> tuple[Any, str]:
    secrets: Any = boto3.client("secretsmanager", region_name=REGION)
    arn = secrets.create_secret(Name="payment-x-pr-1", SecretString="x")["ARN"]
    return lambda: secrets.describe_secret(SecretId=arn)["Tags"], arn


def make_bus() -> tuple[Any, str]:
    events: Any = boto3.client("events", region_name=REGION)
    arn = events.create_event_bus(Name="payment-x-pr-1")["EventBusArn"]
    return lambda: events.list_tags_for_resource(ResourceARN=arn)["Tags"], arn


def make_alarm() -> tuple[Any, str]:
    cloudwatch: Any = boto3.client("cloudwatch", region_name=REGION)
    cloudwatch.put_metric_alarm(
        AlarmName="payment-x-pr-1",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        MetricName="Errors",
        Namespace="AWS/Lambda",
        Period=60,
        Statistic="Sum",
        Threshold=1,
        Tags=[{"Key": "Owner", "Value": "ada"}],
    )
    arn = f"arn:aws:cloudwatch:{REGION}:123456789012:alarm:payment-x-pr-1"
    return lambda: cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"], arn


def make_parameter_group() -> tuple[Any, str]:
    rds: Any = boto3.client("rds", region_name=REGION)
    rds.create_db_parameter_group(DBParameterGroupName="x-pr-1", DBParameterGroupFamily="mysql8.0", Description="x")
    arn = f"arn:aws:rds:{REGION}:123456789012:pg:x-pr-1"
    return lambda: rds.list_tags_for_resource(ResourceName=arn)["TagList"], arn


def make_vault() -> tuple[Any, str]:
    backup: Any = boto3.client("backup", region_name=REGION)
    arn = backup.create_backup_vault(BackupVaultName="payment-x-pr-1")["BackupVaultArn"]
    return lambda: backup.list_tags(ResourceArn=arn)["Tags"], arn


def make_api() -> tuple[Any, str]:
    apis: Any = boto3.client("apigatewayv2", region_name=REGION)
    arn = f"arn:aws:apigateway:{REGION}::/apis/{apis.create_api(Name='x', ProtocolType='HTTP')['ApiId']}"
    return lambda: apis.get_tags(ResourceArn=arn)["Tags"], arn


def make_state_machine() -> tuple[Any, str]:
    workflows: Any = boto3.client("stepfunctions", region_name=REGION)
    definition = '{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}'
    role = "arn:aws:iam::123456789012:role/x"
    arn = workflows.create_state_machine(name="payment-x-pr-1", definition=definition, roleArn=role)["stateMachineArn"]
    return lambda: workflows.list_tags_for_resource(resourceArn=arn)["tags"], arn


def make_certificate() -> tuple[Any, str]:
    acm: Any = boto3.client("acm", region_name=REGION)
    arn = acm.request_certificate(DomainName="api.example.dev", ValidationMethod="DNS")["CertificateArn"]
    return lambda: acm.list_tags_for_certificate(CertificateArn=arn)["Tags"], arn


def make_function() -> tuple[Any, str]:
    _, role = make_role()
    functions: Any = boto3.client("lambda", region_name=REGION)
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("index.py", "")
    arn = functions.create_function(
        FunctionName="payment-x-pr-1",
        Runtime="python3.13",
        Handler="index.handler",
        Role=role,
        Code={"ZipFile": package.getvalue()},
    )["FunctionArn"]
    return lambda: functions.list_tags(Resource=arn)["Tags"], arn


MAKERS = [value for name, value in list(globals().items()) if name.startswith("make_")]


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__.removeprefix("make_"))
def test_what_the_tagging_api_refuses_is_tagged_by_its_service(account: FakeAccount, make: Any) -> None:
    read, arn = make()
    account.refused = {arn: "InvalidParameterException"}
    assert write(account, of(arn)) == []
    shown = read()
    pairs = shown if isinstance(shown, dict) else {
        pair.get("Key", pair.get("TagKey", pair.get("key"))): pair.get("Value", pair.get("TagValue", pair.get("value")))
        for pair in shown
    }  # fmt: skip
    assert pairs["ExpiresAt"] == TAGS["ExpiresAt"]


def test_a_replica_of_a_secret_has_the_tags_of_its_primary(account: FakeAccount) -> None:
    secrets: Any = boto3.client("secretsmanager", region_name=REGION)
    secret = secrets.create_secret(Name="x", SecretString="x", AddReplicaRegions=[{"Region": "us-west-2"}])["ARN"]
    replica = secret.replace(REGION, "us-west-2")
    account.refused = dict.fromkeys((secret, replica), "InvalidParameterException")
    assert write(account, of(secret), of(replica)) == []
    assert secrets.describe_secret(SecretId=secret)["Tags"] == [{"Key": "ExpiresAt", "Value": TAGS["ExpiresAt"]}]
    there: Any = boto3.client("secretsmanager", region_name="us-west-2")
    assert there.describe_secret(SecretId=replica)["PrimaryRegion"] == REGION


def test_every_service_of_the_stack_has_a_way() -> None:
    """By the services of the types that take tags; those that take none are left out with their name."""
    untaggable = {"scheduler", "ephemeral", "data"}
    services = {
        "vpc": "ec2", "subnet": "ec2", "security": "ec2", "internet": "ec2", "nat": "ec2", "eip": "ec2", "route": "ec2",
        "default": "ec2", "flow": "ec2", "db": "rds", "apigatewayv2": "apigateway", "sfn": "states",
    }  # fmt: skip
    words = {kind.split("_")[1] for kind in KINDS if kind.startswith("aws_")}
    ways = {name.split(":")[0] for name in tag_writers._CALLS}
    assert {services.get(word, word) for word in words} - untaggable <= ways


def test_what_nothing_can_tag_is_told_with_both_reasons(account: FakeAccount) -> None:
    role = of("arn:aws:iam::123456789012:role/payment-absent-pr-1")
    other = of(f"arn:aws:glacier:{REGION}:123456789012:vaults/x")
    account.refused = {role.arn: "InvalidParameterException", other.arn: "InvalidParameterException"}
    failed = dict(write(account, role, other))
    assert failed.keys() == {role, other}
    assert "NoSuchEntity" in failed[role]
    assert failed[other] == "tagging API: InvalidParameterException no; no other way to tag glacier:vaults is known"


def test_a_batch_that_is_refused_as_a_whole_is_tagged_one_by_one(account: FakeAccount) -> None:
    read, arn = make_queue()
    response: Any = {"Error": {"Code": "InvalidParameterException", "Message": "not an ARN"}}
    account.error = ClientError(response, "TagResources")
    assert write(account, of(arn)) == []
    assert read() == TAGS


def test_what_is_not_the_fault_of_a_resource_ends_it(account: FakeAccount) -> None:
    response: Any = {"Error": {"Code": "ExpiredTokenException", "Message": "expired"}}
    account.error = ClientError(response, "TagResources")
    with pytest.raises(ClientError, match="expired"):
        write(account, of(f"arn:aws:sqs:{REGION}:123456789012:queue"))
