"""One Terraform configuration for two Regions: applied, planned again empty, updated, destroyed with nothing left.

In this order: the last two tests change and destroy what the others use.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local_aws.server import LocalAws
from tap.terraform import Terraform
from tests.integration.local_aws.conftest import ACCOUNT, OTHER_REGION, REGION, Cloud
from tests.integration.local_aws.two_regions import NAME, Resources, configured, merged
from tests.integration.local_aws.two_regions_data import keys, secrets, tables
from tests.integration.local_aws.two_regions_functions import apis, compute, write_package
from tests.integration.local_aws.two_regions_names import DOMAIN, backups, names
from tests.integration.local_aws.two_regions_services import messages, monitoring

PARTS: tuple[Callable[[bool], Resources], ...] = (
    keys,
    tables,
    secrets,
    names,
    backups,
    messages,
    compute,
    apis,
    monitoring,
)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cloud, LocalAws, Path]]:
    """Both Regions with everything in them, on a local AWS of their own."""
    folder = tmp_path_factory.mktemp("two_regions")
    with LocalAws.started(folder / "aws") as aws:
        terraform = _terraform(folder, aws, changed=False)
        write_package(terraform.directory)
        terraform.init()
        terraform.apply()
        yield Cloud(aws.endpoint_url), aws, folder


def _terraform(folder: Path, aws: LocalAws, *, changed: bool) -> Terraform:
    return configured(folder / "configuration", aws, merged(*(part(changed) for part in PARTS)))


def test_a_second_plan_is_empty(deployed: tuple[Cloud, LocalAws, Path]) -> None:
    _, aws, folder = deployed
    plan = _terraform(folder, aws, changed=False).plan()
    assert plan.empty, plan.changes


def test_replica_of_the_table_has_what_the_configuration_says(deployed: tuple[Cloud, LocalAws, Path]) -> None:
    cloud = deployed[0].other
    table = cloud.dynamodb.describe_table(TableName="payment-sessions")["Table"]
    key = cloud.kms.describe_key(KeyId="alias/payment")["KeyMetadata"]["Arn"]
    assert (table["SSEDescription"]["KMSMasterKeyArn"], table["Replicas"][0]["RegionName"]) == (key, REGION)
    tags = {
        tag["Key"]: tag["Value"] for tag in cloud.dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
    }
    assert tags == {"Name": "sessions", "Project": "payment"}
    backups = cloud.dynamodb.describe_continuous_backups(TableName="payment-sessions")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def test_each_regions_tags_are_found_there(deployed: tuple[Cloud, LocalAws, Path]) -> None:
    wanted = [{"Key": "Project", "Values": ["payment"]}]
    for cloud in (deployed[0], deployed[0].other):
        pages = cloud.resourcegroupstaggingapi.get_paginator("get_resources").paginate(TagFilters=wanted)
        arns = {found["ResourceARN"] for page in pages for found in page["ResourceTagMappingList"]}
        assert f"arn:aws:dynamodb:{cloud.region}:{ACCOUNT}:table/payment-sessions" in arns
        assert f"arn:aws:lambda:{cloud.region}:{ACCOUNT}:function:{NAME}" in arns
        assert {arn.split(":")[3] for arn in arns} <= {cloud.region, ""}


def test_secret_and_role_are_read_in_each_region(deployed: tuple[Cloud, LocalAws, Path]) -> None:
    for cloud, alias in ((deployed[0], "primary"), (deployed[0].other, "secondary")):
        found = cloud.secretsmanager.get_secret_value(SecretId="payment-login")
        assert (found["SecretString"], found["ARN"].split(":")[3]) == ("first", cloud.region)
        assert cloud.ssm.get_parameter(Name="/payment/region/role")["Parameter"]["Value"] == alias


def test_zone_is_of_both_vpcs(deployed: tuple[Cloud, LocalAws, Path]) -> None:
    cloud = deployed[0]
    zones = cloud.route53.list_hosted_zones_by_name(DNSName=DOMAIN)["HostedZones"]
    vpcs = cloud.route53.get_hosted_zone(Id=zones[0]["Id"])["VPCs"]
    assert {vpc["VPCRegion"] for vpc in vpcs} == {REGION, OTHER_REGION}


def test_backup_jobs_run_in_both_regions(deployed: tuple[Cloud, LocalAws, Path]) -> None:
    for cloud in (deployed[0], deployed[0].other):
        role = cloud.iam.list_roles()["Roles"][0]["Arn"]
        table = f"arn:aws:dynamodb:{cloud.region}:{ACCOUNT}:table/payment-sessions"
        job = cloud.backup.start_backup_job(BackupVaultName="payment-vault", ResourceArn=table, IamRoleArn=role)
        assert cloud.backup.describe_backup_job(BackupJobId=job["BackupJobId"])["State"] == "COMPLETED"
        points = cloud.backup.list_recovery_points_by_backup_vault(BackupVaultName="payment-vault")["RecoveryPoints"]
        assert [point["ResourceArn"] for point in points] == [table]


def test_alarm_of_one_region_leaves_the_others_alone(deployed: tuple[Cloud, LocalAws, Path]) -> None:
    cloud = deployed[0]
    cloud.other.cloudwatch.set_alarm_state(AlarmName=NAME, StateValue="ALARM", StateReason="it")
    states = [
        one.cloudwatch.describe_alarms(AlarmNames=[NAME])["MetricAlarms"][0]["StateValue"]
        for one in (cloud, cloud.other)
    ]
    assert (states[0] != "ALARM", states[1]) == (True, "ALARM")


def test_message_in_one_region_stays_there(deployed: tuple[Cloud, LocalAws, Path]) -> None:
    cloud = deployed[0]
    urls = [one.sqs.create_queue(QueueName="own")["QueueUrl"] for one in (cloud, cloud.other)]
    cloud.other.sqs.send_message(QueueUrl=urls[1], MessageBody="west")
    assert "Messages" not in cloud.sqs.receive_message(QueueUrl=urls[0])
    received = cloud.other.sqs.receive_message(QueueUrl=urls[1])["Messages"]
    assert [message["Body"] for message in received] == ["west"]
    for one, url in zip((cloud, cloud.other), urls, strict=True):
        one.sqs.delete_queue(QueueUrl=url)


def test_changes_are_made_in_place(deployed: tuple[Cloud, LocalAws, Path]) -> None:
    cloud, aws, folder = deployed
    terraform = _terraform(folder, aws, changed=True)
    assert terraform.apply().change > 20
    plan = terraform.plan()
    assert plan.empty, plan.changes
    sizes = [one.lambda_.get_function(FunctionName=NAME)["Configuration"]["MemorySize"] for one in (cloud, cloud.other)]
    assert sizes == [128, 256]
    assert cloud.other.secretsmanager.get_secret_value(SecretId="payment-login")["SecretString"] == "second"
    plans = cloud.backup.list_backup_plans()["BackupPlansList"]
    rule = cloud.backup.get_backup_plan(BackupPlanId=plans[0]["BackupPlanId"])["BackupPlan"]["Rules"][0]
    vault = f"arn:aws:backup:{OTHER_REGION}:{ACCOUNT}:backup-vault:payment-vault"
    assert rule["CopyActions"] == [{"DestinationBackupVaultArn": vault, "Lifecycle": {"DeleteAfterDays": 14}}]


def test_nothing_is_left_in_either_region(deployed: tuple[Cloud, LocalAws, Path]) -> None:
    _, aws, folder = deployed
    _terraform(folder, aws, changed=True).destroy()
    assert aws.leftovers() == {}
