"""Parts without tags are found where they exist, with the import id that Terraform takes, and nowhere else."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from tap.account import Account
from tap.adoption.children import find_child, is_child
from tap.adoption.planned import PlannedCreate
from tests.unit.tap_adoption.planning import ACCOUNT

FUNCTION = "payment-processor-pr-1"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


def create(type_: str, **values: Any) -> PlannedCreate:
    return PlannedCreate(f"{type_}.x", type_, values)


@pytest.fixture
def network(account: Account) -> dict[str, str]:
    """A VPC with a subnet, a table that routes out, and a security group."""
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    group = ec2.create_security_group(GroupName="payment-database-pr-1", Description="x", VpcId=vpc)["GroupId"]
    return {"subnet": subnet, "table": table, "gateway": gateway, "group": group}


@pytest.fixture
def function(account: Account) -> str:
    """A function."""
    role = account.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("index.py", "")
    created = account.client("lambda").create_function(
        FunctionName=FUNCTION,
        Role=role,
        Runtime="python3.13",
        Handler="index.handler",
        Code={"ZipFile": package.getvalue()},
        Publish=True,
    )
    return str(created["FunctionArn"]).removesuffix(":1")


@pytest.fixture
def api(account: Account) -> str:
    """The id of an API."""
    return str(account.client("apigatewayv2").create_api(Name="payment-api-pr-1", ProtocolType="HTTP")["ApiId"])


def test_a_route_is_known_by_its_table_and_destination(account: Account, network: dict[str, str]) -> None:
    route = create("aws_route", route_table_id=network["table"], destination_cidr_block="0.0.0.0/0")
    assert find_child(account, route) is None
    account.client("ec2").create_route(
        RouteTableId=network["table"], DestinationCidrBlock="0.0.0.0/0", GatewayId=network["gateway"]
    )
    assert find_child(account, route) == f"{network['table']}_0.0.0.0/0"


def test_an_association_is_known_by_its_subnet_and_table(account: Account, network: dict[str, str]) -> None:
    association = create("aws_route_table_association", route_table_id=network["table"], subnet_id=network["subnet"])
    assert find_child(account, association) is None
    account.client("ec2").associate_route_table(RouteTableId=network["table"], SubnetId=network["subnet"])
    assert find_child(account, association) == f"{network['subnet']}/{network['table']}"


def test_a_rule_is_known_by_protocol_ports_and_peer(account: Account, network: dict[str, str]) -> None:
    ec2, group = account.client("ec2"), network["group"]
    arguments = {"security_group_id": group, "ip_protocol": "tcp", "from_port": 3306, "to_port": 3306}
    rule = create("aws_vpc_security_group_ingress_rule", **arguments, referenced_security_group_id=group)
    assert find_child(account, rule) is None
    made = ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "UserIdGroupPairs": [{"GroupId": group}]}
        ],
    )["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    assert find_child(account, rule) == made
    assert find_child(account, create("aws_vpc_security_group_egress_rule", **rule.values)) is None
    other_port = create(rule.type, **{**rule.values, "to_port": 3307})
    other_peer = create(rule.type, **arguments, cidr_ipv4="10.0.0.0/16")
    assert [find_child(account, other_port), find_child(account, other_peer)] == [None, None]


def test_the_rule_for_all_that_leaves_has_no_ports(account: Account, network: dict[str, str]) -> None:
    rule = create(
        "aws_vpc_security_group_egress_rule",
        security_group_id=network["group"],
        ip_protocol="-1",
        cidr_ipv4="0.0.0.0/0",
    )
    found = find_child(account, rule)
    assert found is not None
    assert found.startswith("sgr-")


def test_the_alias_of_a_key_is_known_by_its_name(account: Account) -> None:
    kms = account.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    alias = create("aws_kms_alias", name="alias/payment-database-pr-1", target_key_id=key)
    kms.create_alias(AliasName="alias/payment-database-pr-12", TargetKeyId=key)
    assert find_child(account, alias) is None
    kms.create_alias(AliasName="alias/payment-database-pr-1", TargetKeyId=key)
    assert find_child(account, alias) == "alias/payment-database-pr-1"


@pytest.mark.usefixtures("function")
def test_parts_of_a_function(account: Account) -> None:
    client = account.client("lambda")
    alias = create("aws_lambda_alias", function_name=FUNCTION, name="live")
    permission = create("aws_lambda_permission", function_name=FUNCTION, qualifier="live", statement_id="Allow-api")
    url = create("aws_lambda_function_url", function_name=FUNCTION, qualifier="live")
    parts = [alias, permission, url]
    assert [find_child(account, part) for part in parts] == [None, None, None]
    client.create_alias(FunctionName=FUNCTION, Name="live", FunctionVersion="1")
    client.add_permission(
        FunctionName=FUNCTION,
        Qualifier="live",
        StatementId="Allow-api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    client.create_function_url_config(FunctionName=FUNCTION, Qualifier="live", AuthType="AWS_IAM")
    assert [find_child(account, part) for part in parts] == [
        f"{FUNCTION}/live",
        f"{FUNCTION}:live/Allow-api",
        f"{FUNCTION}/live",
    ]
    other = create("aws_lambda_permission", **{**permission.values, "statement_id": "Allow-events"})
    assert find_child(account, other) is None


@pytest.mark.usefixtures("function")
def test_a_part_of_a_function_that_is_still_to_be_made_belongs_to_somebody_else(account: Account) -> None:
    """Its name is known from the configuration: what has that name now is not the one that the plan makes."""
    account.client("lambda").create_alias(FunctionName=FUNCTION, Name="live", FunctionVersion="1")
    alias = create("aws_lambda_alias", function_name=FUNCTION, name="live")
    made = create("aws_lambda_function", function_name=FUNCTION)
    assert find_child(account, alias, [made, alias]) is None
    assert find_child(account, alias, [alias]) == f"{FUNCTION}/live"


def test_a_mapping_is_known_by_its_source_and_function(account: Account, function: str) -> None:
    url = account.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    source = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"
    assert url
    mapping = create("aws_lambda_event_source_mapping", function_name=function, event_source_arn=source)
    assert find_child(account, mapping) is None
    uuid = account.client("lambda").create_event_source_mapping(FunctionName=function, EventSourceArn=source)["UUID"]
    assert find_child(account, mapping) == uuid


def test_parts_of_an_api(account: Account, api: str) -> None:
    client = account.client("apigatewayv2")
    target = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{FUNCTION}:live"
    parts = [
        create("aws_apigatewayv2_integration", api_id=api, integration_uri=target),
        create("aws_apigatewayv2_route", api_id=api, route_key="GET /health"),
        create("aws_apigatewayv2_stage", api_id=api, name="$default"),
    ]
    assert [find_child(account, part) for part in parts] == [None, None, None]
    integration = client.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=target)
    other = client.create_route(ApiId=api, RouteKey="POST /payments")
    route = client.create_route(ApiId=api, RouteKey="GET /health")
    client.create_stage(ApiId=api, StageName="$default")
    assert route["RouteId"] != other["RouteId"]
    assert [find_child(account, part) for part in parts] == [
        f"{api}/{integration['IntegrationId']}",
        f"{api}/{route['RouteId']}",
        f"{api}/$default",
    ]


def test_an_authorizer_is_found_on_any_page(account: Account, api: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """moto 5.2 has no GetAuthorizers."""
    pages: dict[str, dict[str, Any]] = {
        "": {"Items": [{"Name": "other", "AuthorizerId": "1"}], "NextToken": "more"},
        "more": {"Items": [{"Name": "tokens", "AuthorizerId": "2"}]},
    }

    def answer(**parameters: str) -> dict[str, Any]:
        assert parameters["ApiId"] == api
        return pages[parameters.get("NextToken", "")]

    monkeypatch.setattr(account.client("apigatewayv2"), "get_authorizers", answer)
    assert find_child(account, create("aws_apigatewayv2_authorizer", api_id=api, name="tokens")) == f"{api}/2"
    assert find_child(account, create("aws_apigatewayv2_authorizer", api_id=api, name="third")) is None


def test_the_mapping_of_a_domain_is_known_by_its_api(account: Account, api: str) -> None:
    client = account.client("apigatewayv2")
    mapping = create("aws_apigatewayv2_api_mapping", api_id=api, domain_name="api.example.org")
    assert find_child(account, mapping) is None
    client.create_domain_name(DomainName="api.example.org")
    client.create_stage(ApiId=api, StageName="$default")
    made = client.create_api_mapping(ApiId=api, DomainName="api.example.org", Stage="$default")["ApiMappingId"]
    assert find_child(account, mapping) == f"{made}/api.example.org"


def test_an_archive_is_one_of_its_bus_alone(account: Account) -> None:
    events = account.client("events")
    bus = events.create_event_bus(Name="payment-events-pr-1")["EventBusArn"]
    archive = create("aws_cloudwatch_event_archive", name="payment-events-pr-1", event_source_arn=bus)
    assert find_child(account, archive) is None
    events.create_archive(ArchiveName="payment-events-pr-1", EventSourceArn=bus)
    assert find_child(account, archive) == "payment-events-pr-1"
    other = create(archive.type, name="payment-events-pr-1", event_source_arn=bus.replace("pr-1", "pr-2"))
    assert find_child(account, other) is None


def test_a_schedule_is_one_of_its_role_alone(account: Account) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/payment-relay-pr-1"
    target = {"Arn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{FUNCTION}", "RoleArn": role}
    schedule = create("aws_scheduler_schedule", name="payment-relay-pr-1", target=[{"role_arn": role}])
    assert find_child(account, schedule) is None
    account.client("scheduler").create_schedule(
        Name="payment-relay-pr-1",
        ScheduleExpression="rate(1 minute)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
    )
    assert find_child(account, schedule) == "default/payment-relay-pr-1"
    assert find_child(account, create(schedule.type, name="payment-relay-pr-1", target=[{"role_arn": "x"}])) is None


def test_a_private_zone_without_tags_is_known_by_the_network_that_sees_it(account: Account) -> None:
    route53, ec2 = account.client("route53"), account.client("ec2")
    mine, other = (ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"] for _ in range(2))
    name = "payment-pr-1.testing.local"
    zone = create("aws_route53_zone", name=name, vpc=[{"vpc_id": mine}])

    def make(reference: str, vpc: str, name: str) -> str:
        network = {"VPCId": vpc, "VPCRegion": "us-east-1"}
        made = route53.create_hosted_zone(
            Name=name, CallerReference=reference, VPC=network, HostedZoneConfig={"PrivateZone": True}
        )
        return str(made["HostedZone"]["Id"]).rpartition("/")[2]

    make("1", other, name)
    make("2", mine, "payment-pr-12.testing.local")
    assert find_child(account, zone) is None
    made = make("3", mine, name)
    assert find_child(account, zone) == made
    assert find_child(account, create(zone.type, name=name)) is None


def test_a_selection_of_a_backup_plan_is_known_by_its_name(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """moto 5.2 has no selections."""
    selections = [{"SelectionName": "all", "SelectionId": "1"}, {"SelectionName": "data-pr-1", "SelectionId": "2"}]
    pages = [{"BackupSelectionsList": selections[:1]}, {"BackupSelectionsList": selections[1:]}]

    class Paginator:
        def paginate(self, **parameters: str) -> list[dict[str, Any]]:
            assert parameters == {"BackupPlanId": "plan"}
            return pages

    monkeypatch.setattr(account.client("backup"), "get_paginator", lambda _: Paginator())
    assert find_child(account, create("aws_backup_selection", name="data-pr-1", plan_id="plan")) == "plan|2"
    assert find_child(account, create("aws_backup_selection", name="data-pr-12", plan_id="plan")) is None


def test_a_selection_of_a_restore_testing_plan_is_known_by_its_name(account: Account) -> None:
    """moto 5.2 has no plans that test restores."""
    wanted = create("aws_backup_restore_testing_selection", name="ledger", restore_testing_plan_name="plan")
    now = datetime.now(UTC)
    found = {
        "CreationTime": now,
        "IamRoleArn": "arn",
        "ProtectedResourceType": "Aurora",
        "RestoreTestingPlanName": "plan",
        "RestoreTestingSelectionName": "ledger",
    }
    with Stubber(account.client("backup")) as backup:
        named = {"RestoreTestingPlanName": "plan", "RestoreTestingSelectionName": "ledger"}
        backup.add_response("get_restore_testing_selection", {"RestoreTestingSelection": found}, named)
        backup.add_client_error("get_restore_testing_selection", "ResourceNotFoundException")
        assert find_child(account, wanted) == "ledger:plan"
        assert find_child(account, wanted) is None
    assert find_child(account, create("aws_backup_restore_testing_selection", name="ledger")) is None


def test_the_target_of_a_proxy_is_known_by_its_cluster(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    targets = [{"Type": "RDS_INSTANCE", "RdsResourceId": "c"}, {"Type": "TRACKED_CLUSTER", "RdsResourceId": "c"}]
    monkeypatch.setattr(account.client("rds"), "describe_db_proxy_targets", lambda **_: {"Targets": targets})
    named = {"db_proxy_name": "p", "target_group_name": "default"}
    target = create("aws_db_proxy_target", **named, db_cluster_identifier="c")
    assert find_child(account, target) == "p/default/TRACKED_CLUSTER/c"
    assert find_child(account, create(target.type, **named, db_cluster_identifier="d")) is None


def test_a_record_is_known_by_its_name_and_type(account: Account) -> None:
    route53 = account.client("route53")
    zone = route53.create_hosted_zone(Name="payment-pr-1.testing.local", CallerReference="1")["HostedZone"]["Id"]
    id_ = zone.rpartition("/")[2]
    name = "api.payment-pr-1.testing.local"
    record = create("aws_route53_record", zone_id=id_, name=name, type="CNAME")
    assert find_child(account, record) is None
    made = {"Name": name, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "x.example.org"}]}
    route53.change_resource_record_sets(
        HostedZoneId=id_, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": made}]}
    )
    assert find_child(account, record) == f"{id_}_{name}_CNAME"
    assert find_child(account, create(record.type, zone_id=id_, name=name, type="TXT")) is None


def test_failover_records_are_told_apart_by_their_identifiers(account: Account) -> None:
    route53 = account.client("route53")
    zone = route53.create_hosted_zone(Name="payment-pr-1.testing.local", CallerReference="1")["HostedZone"]["Id"]
    id_, name = zone.rpartition("/")[2], "api.payment-pr-1.testing.local"
    made = {"Name": name, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "x.example.org"}]}
    made |= {"SetIdentifier": "secondary", "Failover": "SECONDARY"}
    route53.change_resource_record_sets(
        HostedZoneId=id_, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": made}]}
    )

    def found(**identifier: str) -> str | None:
        return find_child(account, create("aws_route53_record", zone_id=id_, name=name, type="CNAME", **identifier))

    assert found(set_identifier="secondary") == f"{id_}_{name}_CNAME_secondary"
    assert (found(set_identifier="primary"), found()) == (None, None)


def test_a_part_is_looked_for_in_the_region_of_its_provider(account: Account) -> None:
    """Both Regions have an archive of that name."""
    events = account.client("events", "us-west-2")
    bus = events.create_event_bus(Name="payment-events-pr-1")["EventBusArn"]
    events.create_archive(ArchiveName="payment-events-pr-1", EventSourceArn=bus)
    archive = create("aws_cloudwatch_event_archive", name="payment-events-pr-1", event_source_arn=bus)
    assert find_child(account, replace(archive, region="us-west-2")) == "payment-events-pr-1"
    assert find_child(account, replace(archive, region="us-east-1")) is None


@pytest.mark.parametrize(
    "type_",
    [
        "aws_route",
        "aws_route_table_association",
        "aws_vpc_security_group_ingress_rule",
        "aws_kms_alias",
        "aws_lambda_alias",
        "aws_lambda_permission",
        "aws_lambda_event_source_mapping",
        "aws_lambda_function_url",
        "aws_apigatewayv2_integration",
        "aws_apigatewayv2_route",
        "aws_apigatewayv2_stage",
        "aws_apigatewayv2_authorizer",
        "aws_apigatewayv2_api_mapping",
        "aws_cloudwatch_event_archive",
        "aws_scheduler_schedule",
        "aws_backup_selection",
        "aws_backup_restore_testing_selection",
        "aws_route53_record",
        "aws_route53_zone",
        "aws_db_proxy_target",
    ],
)
def test_a_part_whose_owner_is_not_known_yet_is_not_asked_for(account: Account, type_: str) -> None:
    assert is_child(type_)
    assert find_child(account, create(type_, name="x")) is None
    assert account.calls.total() == 0


def test_types_that_aws_takes_twice_are_not_looked_for(account: Account) -> None:
    assert not is_child("aws_iam_role_policy_attachment")
    assert find_child(account, create("aws_iam_role_policy_attachment", role="r", policy_arn="p")) is None
    assert account.calls.total() == 0


def test_what_cannot_be_asked_is_an_error_and_not_an_absence(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetAlias")

    monkeypatch.setattr(account.client("lambda"), "get_alias", refuse)
    with pytest.raises(ClientError, match="AccessDenied"):
        find_child(account, create("aws_lambda_alias", function_name=FUNCTION, name="live"))
