"""What was deployed, as AWS's own API tells it."""

from __future__ import annotations

import json
import re

from tests.integration.deployed import Deployed


def test_the_network_spans_three_zones(deployed: Deployed) -> None:
    ec2 = deployed.client("ec2")
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [deployed.outputs["vpc_id"]]}])["Subnets"]
    assert len(subnets) == 9
    assert len({subnet["AvailabilityZone"] for subnet in subnets}) == 3
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        answer = ec2.describe_vpc_attribute(VpcId=deployed.outputs["vpc_id"], Attribute=attribute)
        assert answer[attribute[0].upper() + attribute[1:]]["Value"] is True


def test_the_database_can_be_rewound_and_keeps_its_own_password(deployed: Deployed) -> None:
    rds = deployed.client("rds")
    (cluster,) = rds.describe_db_clusters(DBClusterIdentifier=deployed.outputs["database_cluster_id"])["DBClusters"]
    assert cluster["BacktrackWindow"] == 259_200
    assert cluster["StorageEncrypted"] is True
    assert cluster["IAMDatabaseAuthenticationEnabled"] is True
    assert cluster["MasterUserSecret"]["SecretArn"] == deployed.outputs["database_secret_arn"]
    assert len(cluster["DBClusterMembers"]) == 2


def test_the_session_table_is_recoverable_and_encrypted(deployed: Deployed) -> None:
    dynamodb = deployed.client("dynamodb")
    name = deployed.outputs["sessions_table_name"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    table = dynamodb.describe_table(TableName=name)["Table"]
    assert table["SSEDescription"]["SSEType"] == "KMS"
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"


def test_the_function_runs_in_the_private_subnets(deployed: Deployed) -> None:
    configuration = deployed.client("lambda").get_function_configuration(
        FunctionName=deployed.outputs["function_name"], Qualifier="live"
    )
    assert set(configuration["VpcConfig"]["SubnetIds"]) == set(deployed.outputs["private_subnet_ids"])
    assert configuration["DeadLetterConfig"]["TargetArn"].endswith(
        deployed.outputs["function_dead_letter_queue_url"].rsplit("/", 1)[-1]
    )
    assert configuration["Environment"]["Variables"]["DB_ENDPOINT"] == deployed.outputs["database_endpoint"]


def test_the_backup_plan_runs_daily(deployed: Deployed) -> None:
    plan = deployed.client("backup").get_backup_plan(BackupPlanId=deployed.outputs["backup_plan_id"])["BackupPlan"]
    (rule,) = plan["Rules"]
    assert (rule["RuleName"], rule["ScheduleExpression"]) == ("daily_backup", "cron(0 3 * * ? *)")
    assert rule["TargetBackupVaultName"] == deployed.outputs["backup_vault_name"]


def test_the_zone_names_the_api(deployed: Deployed) -> None:
    records = deployed.client("route53").list_resource_record_sets(HostedZoneId=deployed.outputs["zone_id"])
    (record,) = [r for r in records["ResourceRecordSets"] if r["Type"] == "CNAME"]
    assert record["Name"].rstrip(".") == deployed.outputs["api_domain"]
    assert record["ResourceRecords"][0]["Value"] == deployed.outputs["api_endpoint"].removeprefix("https://")


def test_configuration_is_in_ssm_and_the_secret_is_encrypted(deployed: Deployed) -> None:
    ssm = deployed.client("ssm")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path=deployed.outputs["configuration_path"], Recursive=True
    )
    parameters = {
        p["Name"].removeprefix(deployed.outputs["configuration_path"] + "/"): p
        for page in pages
        for p in page["Parameters"]
    }
    assert parameters["database/endpoint"]["Value"] == deployed.outputs["database_endpoint"]
    assert parameters["payments/fingerprint_key"]["Type"] == "SecureString"


def test_the_service_alarm_watches_the_alarms(deployed: Deployed) -> None:
    alarms = deployed.client("cloudwatch").describe_alarms(
        AlarmNames=[deployed.outputs["service_alarm_name"]], AlarmTypes=["CompositeAlarm"]
    )
    (alarm,) = alarms["CompositeAlarms"]
    assert "payment-lambda-errors-" in alarm["AlarmRule"]
    assert alarm["AlarmActions"] == [deployed.outputs["alerts_topic_arn"]]


def test_every_log_group_of_the_environment_is_encrypted_and_expires(deployed: Deployed) -> None:
    logs = deployed.client("logs")
    own = re.compile(rf"/payment-[a-z-]+-{deployed.outputs['environment_suffix']}(/|$)")
    pages = logs.get_paginator("describe_log_groups").paginate()
    groups = [group for page in pages for group in page["logGroups"] if own.search(group["logGroupName"])]
    assert len(groups) == (13 if "approval_state_machine_arn" in deployed.outputs else 12)
    assert all(group.get("kmsKeyId") and group.get("retentionInDays") for group in groups)


def test_the_dashboard_shows_the_environments_own_metrics(deployed: Deployed) -> None:
    dashboard = deployed.client("cloudwatch").get_dashboard(DashboardName=deployed.outputs["dashboard_name"])
    text = json.dumps(json.loads(dashboard["DashboardBody"]))
    assert deployed.outputs["function_name"] in text
    assert deployed.outputs["sessions_table_name"] in text
