"""Which resources the state does not know, and which of them a plan wants to make once more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tap.account import Account
from tap.adoption.kinds import KINDS
from tap.adoption.matching import Adoption, AmbiguousError, match, orphans
from tap.adoption.planned import PlannedCreate
from tap.inventory.resource import Evidence, Resource
from tests.unit.tap_adoption.planning import ACCOUNT, listed, resource, state

HERE = f"us-east-1:{ACCOUNT}"
VPC = resource(f"ec2:{HERE}:vpc/vpc-1", Name="payment-vpc-pr-1")
TOPIC = resource(f"sns:{HERE}:payment-alerts-pr-1")


def create(address: str, **values: object) -> PlannedCreate:
    return PlannedCreate(address, address.split(".")[0], values)


def test_without_a_state_everything_with_the_tags_is_an_orphan(account: Account) -> None:
    assert orphans([VPC, TOPIC], None, account) == (VPC, TOPIC)


def test_what_the_state_lists_by_its_arn_is_none(account: Account) -> None:
    assert orphans([VPC, TOPIC], state(listed("aws_vpc.vpc", arn=VPC.arn, id="vpc-1")), account) == (TOPIC,)


def test_a_type_without_an_arn_in_the_state_is_known_by_its_id(account: Account) -> None:
    gateway = resource(f"ec2:{HERE}:natgateway/nat-1")
    assert orphans([gateway], state(listed("aws_nat_gateway.a", id="nat-1")), account) == ()
    assert orphans([gateway], state(listed("aws_nat_gateway.a", id="nat-2")), account) == (gateway,)


def test_what_was_interrupted_while_it_was_made_is_known_by_its_id(account: Account) -> None:
    """The state has no ARN of it yet; it must not be swept as if it were a second one."""
    url = account.client("sqs").create_queue(QueueName="payment-replay-pr-1")["QueueUrl"]
    queue = resource(f"sqs:{HERE}:payment-replay-pr-1")
    assert orphans([queue], state(listed("aws_sqs_queue.replay", tainted=True, id=url)), account) == ()


def test_the_target_of_a_rule_does_not_stand_for_the_queue_whose_arn_it_has(account: Account) -> None:
    queue = resource(f"sqs:{HERE}:payment-replay-pr-1")
    account.client("sqs").create_queue(QueueName="payment-replay-pr-1")
    target = listed("aws_cloudwatch_event_target.replay", arn=queue.arn, id="x")
    assert orphans([queue], state(target), account) == (queue,)


def test_a_replica_is_none_as_long_as_there_is_what_it_is_a_copy_of(account: Account) -> None:
    table, replica = (
        resource(f"dynamodb:{region}:{ACCOUNT}:table/payment-sessions-pr-1", HomeRegion="us-east-1")
        for region in ("us-east-1", "us-west-2")
    )
    assert orphans([table, replica], None, account) == (table,)
    known = state(listed("aws_dynamodb_table.sessions", arn=table.arn, replica=[{"region_name": "us-west-2"}]))
    assert orphans([table, replica], known, account) == ()
    assert orphans([replica], None, account) == (replica,)


def test_the_same_name_in_another_region_is_not_taken(account: Account) -> None:
    here, there = (resource(f"backup:{region}:{ACCOUNT}:backup-vault:v") for region in ("us-east-1", "us-west-2"))
    wanted = [
        replace(create(f"aws_backup_vault.{region}", name="v"), region=region) for region in ("us-west-2", "us-east-1")
    ]
    taken = match([here, there], wanted, account)
    assert [(one.address, one.resource) for one in taken] == [
        ("aws_backup_vault.us-west-2", there),
        ("aws_backup_vault.us-east-1", here),
    ]
    assert match([here], wanted[:1], account) == []


def test_a_replica_key_is_known_by_its_description_in_its_region(account: Account) -> None:
    keys = []
    for region in ("us-east-1", "us-west-2"):
        made = account.client("kms", region).create_key(Description="Ledger")["KeyMetadata"]["Arn"]
        keys.append(resource(made.removeprefix("arn:aws:")))
    wanted = [replace(create("aws_kms_replica_key.ledger", description="Ledger"), region="us-west-2")]
    assert match(keys, wanted, account) == [Adoption("aws_kms_replica_key.ledger", keys[1].name, keys[1])]


def test_what_belongs_to_no_region_is_taken_by_any(account: Account) -> None:
    config = {"Type": "HTTPS", "FullyQualifiedDomainName": "a1.execute-api.us-west-2.amazonaws.com", "Port": 443}
    made = account.client("route53").create_health_check(CallerReference="a", HealthCheckConfig=config)["HealthCheck"]
    check = resource(f"route53:::healthcheck/{made['Id']}")
    database = resource(f"rds::{ACCOUNT}:global-cluster:global-pr-1")
    wanted = [
        replace(create("aws_route53_health_check.api", fqdn=config["FullyQualifiedDomainName"]), region="us-west-2"),
        replace(create("aws_rds_global_cluster.g", global_cluster_identifier="global-pr-1"), region="us-east-1"),
    ]
    assert [adoption.id for adoption in match([check, database], wanted, account)] == [made["Id"], "global-pr-1"]


@pytest.mark.parametrize("evidence", [Evidence.OWNER, Evidence.STATE])
def test_what_does_not_carry_the_tags_itself_is_none(account: Account, evidence: Evidence) -> None:
    assert orphans([replace(VPC, evidence=evidence)], None, account) == ()


@pytest.mark.parametrize(
    "arn",
    [
        f"rds:{HERE}:cluster-snapshot:rds:payment-cluster-pr-1-2026-11-21",
        f"backup:{HERE}:recovery-point:1EB3B5E7-9EB0-435A-A80B-108B488B0D45",
        f"rds:{HERE}:snapshot:mine",
        f"ec2:{HERE}:network-interface/eni-1",
    ],
)
def test_snapshots_recovery_points_and_interfaces_are_never_taken_for_something_that_terraform_made(
    account: Account, arn: str
) -> None:
    """They carry the tags too, copied by AWS: a deploy must not sweep an environment's backups."""
    assert orphans([resource(arn)], None, account) == ()


def test_resources_without_names_are_told_apart_by_the_tag_name(account: Account) -> None:
    other = resource(f"ec2:{HERE}:vpc/vpc-2", Name="payment-other-pr-1")
    wanted = [create("aws_vpc.vpc", tags={"Name": "payment-vpc-pr-1"})]
    assert match([other, VPC], wanted, account) == [Adoption("aws_vpc.vpc", "vpc-1", VPC)]


def test_what_has_another_name_or_type_is_not_taken(account: Account) -> None:
    wanted = [create("aws_subnet.a", tags={"Name": "payment-vpc-pr-1"}), create("aws_vpc.vpc", tags={"Name": "other"})]
    assert match([VPC], wanted, account) == []


def test_a_name_that_is_not_known_yet_matches_nothing(account: Account) -> None:
    assert match([TOPIC], [create("aws_sns_topic.topic")], account) == []


def test_a_key_is_known_by_its_description(account: Account) -> None:
    kms = account.client("kms")
    wanted, other = (kms.create_key(Description=text)["KeyMetadata"] for text in ("Ledger of pr-1", "Sessions of pr-1"))
    keys = [resource(f"kms:{HERE}:key/{key['KeyId']}") for key in (other, wanted)]
    found = match(keys, [create("aws_kms_key.ledger", description="Ledger of pr-1")], account)
    assert found == [Adoption("aws_kms_key.ledger", wanted["KeyId"], keys[1])]


def test_two_that_may_hold_data_are_a_question_for_a_person(account: Account) -> None:
    kms = account.client("kms")
    made = [kms.create_key(Description="Ledger of pr-1")["KeyMetadata"]["KeyId"] for _ in range(2)]
    keys = [resource(f"kms:{HERE}:key/{id_}") for id_ in made]
    with pytest.raises(AmbiguousError, match=rf"aws_kms_key\.ledger: 2 .*{min(made)}.*tap env destroy"):
        match(keys, [create("aws_kms_key.ledger", description="Ledger of pr-1")], account)


def test_of_two_that_hold_no_data_one_is_taken_and_always_the_same(account: Account) -> None:
    second = resource(f"ec2:{HERE}:vpc/vpc-0", Name="payment-vpc-pr-1")
    wanted = [create("aws_vpc.vpc", tags={"Name": "payment-vpc-pr-1"})]
    assert match([VPC, second], wanted, account) == match([second, VPC], wanted, account)
    assert [adoption.id for adoption in match([VPC, second], wanted, account)] == ["vpc-0"]


# The ARN of each type, the arguments that tell it apart, and its import id.
NAMED = [
    ("aws_cloudwatch_log_group", f"logs:{HERE}:log-group:/aws/lambda/f", {"name": "/aws/lambda/f"}, "/aws/lambda/f"),
    ("aws_iam_role", f"iam::{ACCOUNT}:role/r", {"name": "r"}, "r"),
    ("aws_iam_policy", f"iam::{ACCOUNT}:policy/p", {"name": "p"}, f"arn:aws:iam::{ACCOUNT}:policy/p"),
    ("aws_rds_cluster", f"rds:{HERE}:cluster:c", {"cluster_identifier": "c"}, "c"),
    ("aws_rds_cluster_instance", f"rds:{HERE}:db:i", {"identifier": "i"}, "i"),
    ("aws_rds_cluster_parameter_group", f"rds:{HERE}:cluster-pg:g", {"name": "g"}, "g"),
    ("aws_db_subnet_group", f"rds:{HERE}:subgrp:g", {"name": "g"}, "g"),
    ("aws_dynamodb_table", f"dynamodb:{HERE}:table/t", {"name": "t"}, "t"),
    ("aws_ssm_parameter", f"ssm:{HERE}:parameter/payment/pr-1/x", {"name": "/payment/pr-1/x"}, "/payment/pr-1/x"),
    (
        "aws_secretsmanager_secret",
        f"secretsmanager:{HERE}:secret:payment-ledger-user-pr-1-AbCd12",
        {"name": "payment-ledger-user-pr-1"},
        f"arn:aws:secretsmanager:{HERE}:secret:payment-ledger-user-pr-1-AbCd12",
    ),
    ("aws_lambda_function", f"lambda:{HERE}:function:f", {"function_name": "f"}, "f"),
    ("aws_sns_topic", f"sns:{HERE}:t", {"name": "t"}, f"arn:aws:sns:{HERE}:t"),
    ("aws_cloudwatch_event_bus", f"events:{HERE}:event-bus/b", {"name": "b"}, "b"),
    ("aws_cloudwatch_event_rule", f"events:{HERE}:rule/b/r", {"name": "r"}, "b/r"),
    ("aws_cloudwatch_metric_alarm", f"cloudwatch:{HERE}:alarm:a", {"alarm_name": "a"}, "a"),
    ("aws_sfn_state_machine", f"states:{HERE}:stateMachine:m", {"name": "m"}, f"arn:aws:states:{HERE}:stateMachine:m"),
    ("aws_backup_vault", f"backup:{HERE}:backup-vault:v", {"name": "v"}, "v"),
    ("aws_apigatewayv2_domain_name", "apigateway:us-east-1::/domainnames/d.e", {"domain_name": "d.e"}, "d.e"),
    ("aws_s3_bucket", "s3:::b", {"bucket": "b"}, "b"),
    ("aws_codebuild_project", f"codebuild:{HERE}:project/p", {"name": "p"}, "p"),
    ("aws_codedeploy_app", f"codedeploy:{HERE}:application:a", {"name": "a"}, "a"),
    (
        "aws_codedeploy_deployment_group",
        f"codedeploy:{HERE}:deploymentgroup:a/g",
        {"deployment_group_name": "g"},
        "a:g",
    ),
    ("aws_ecr_repository", f"ecr:{HERE}:repository/r", {"name": "r"}, "r"),
    ("aws_ecs_cluster", f"ecs:{HERE}:cluster/c", {"name": "c"}, "c"),
    ("aws_ecs_service", f"ecs:{HERE}:service/c/s", {"name": "s"}, "c/s"),
    (
        "aws_ecs_task_definition",
        f"ecs:{HERE}:task-definition/f:7",
        {"family": "f"},
        f"arn:aws:ecs:{HERE}:task-definition/f:7",
    ),
    (
        "aws_lb",
        f"elasticloadbalancing:{HERE}:loadbalancer/app/b/1a",
        {"name": "b"},
        f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/app/b/1a",
    ),
    (
        "aws_lb_target_group",
        f"elasticloadbalancing:{HERE}:targetgroup/g/1a",
        {"name": "g"},
        f"arn:aws:elasticloadbalancing:{HERE}:targetgroup/g/1a",
    ),
    ("aws_synthetics_canary", f"synthetics:{HERE}:canary:c", {"name": "c"}, "c"),
    ("aws_wafv2_web_acl", f"wafv2:{HERE}:regional/webacl/w/1-a", {"name": "w"}, "1-a/w/REGIONAL"),
]


@pytest.mark.parametrize(("type_", "arn", "arguments", "import_id"), NAMED, ids=[row[0] for row in NAMED])
def test_a_named_resource_is_known_by_its_arn(
    account: Account, type_: str, arn: str, arguments: dict[str, str], import_id: str
) -> None:
    found = resource(arn)
    adoptions = match([found], [create(f"{type_}.x", **arguments)], account)
    assert adoptions == [Adoption(f"{type_}.x", import_id, found)]
    assert orphans([found], None, account) == (found,)


def test_an_experiment_template_is_known_by_its_name(account: Account) -> None:
    found = resource(f"fis:{HERE}:experiment-template/t", Name="payment-zone-lost-pr-1")
    wanted = create("aws_fis_experiment_template.zone", tags={"Name": "payment-zone-lost-pr-1"})
    assert match([found], [wanted], account) == [Adoption(wanted.address, "t", found)]


def test_an_id_in_the_arn_is_looked_up(account: Account) -> None:
    api = account.client("apigatewayv2").create_api(Name="payment-api-pr-1", ProtocolType="HTTP")["ApiId"]
    zone = account.client("route53").create_hosted_zone(Name="payment-pr-1.testing.local", CallerReference="1")
    zone_id = zone["HostedZone"]["Id"].rpartition("/")[2]
    certificate = account.client("acm").request_certificate(DomainName="api.example.org")["CertificateArn"]
    plan = account.client("backup").create_backup_plan(
        BackupPlan={"BackupPlanName": "payment-backup-plan-pr-1", "Rules": []}
    )["BackupPlanId"]
    url = account.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    discovery = account.client("servicediscovery")
    discovery.create_http_namespace(Name="payment-pr-1.internal")
    within = discovery.list_namespaces()["Namespaces"][0]["Id"]
    registry = discovery.create_service(Name="payments", NamespaceId=within)["Service"]["Id"]
    found = [
        resource(f"apigateway:us-east-1::/apis/{api}"),
        resource(f"route53:::hostedzone/{zone_id}"),
        Resource(certificate, "acm:certificate"),
        resource(f"backup:{HERE}:backup-plan:{plan}"),
        resource(f"sqs:{HERE}:q"),
        resource(f"servicediscovery:{HERE}:service/{registry}"),
    ]
    wanted = [
        create("aws_apigatewayv2_api.api", name="payment-api-pr-1"),
        create("aws_route53_zone.zone", name="payment-pr-1.testing.local"),
        create("aws_acm_certificate.certificate", domain_name="api.example.org"),
        create("aws_backup_plan.plan", name="payment-backup-plan-pr-1"),
        create("aws_sqs_queue.queue", name="q"),
        create("aws_service_discovery_service.registry", name="payments"),
    ]
    ids = [api, zone_id, certificate, plan, url, registry]
    assert [adoption.id for adoption in match(found, wanted, account)] == ids


def test_a_type_that_is_known_to_exist_has_an_import_id_by_its_name(account: Account) -> None:
    secret = account.client("secretsmanager").create_secret(Name="s")["ARN"]
    url = account.client("sqs").create_queue(QueueName="q")["QueueUrl"]

    def id_of(type_: str, **values: str) -> str | None:
        return KINDS[type_].import_id_by_name(create(f"{type_}.x", **values), account)

    assert id_of("aws_dynamodb_table", name="t") == "t"
    assert id_of("aws_iam_policy", name="p") == f"arn:aws:iam::{ACCOUNT}:policy/p"
    assert id_of("aws_sfn_state_machine", name="m") == f"arn:aws:states:{HERE}:stateMachine:m"
    assert id_of("aws_secretsmanager_secret", name="s") == secret
    assert id_of("aws_sqs_queue", name="q") == url
    assert id_of("aws_vpc", tags="x") is None
    assert id_of("aws_kms_key", description="x") is None
    assert id_of("aws_dynamodb_table") is None
