"""Operations that moto lacks: what is written reads back, and is gone when deleted."""

from tests.integration.local_aws.conftest import ACCOUNT, REGION, Cloud, Clouds, outcome
from tests.integration.local_aws.resources import policy, role


def _vault(cloud: Cloud) -> str:
    cloud.backup.create_backup_vault(BackupVaultName="vault")
    return "vault"


def _plan(cloud: Cloud) -> str:
    rules = [{"RuleName": "daily_backup", "TargetBackupVaultName": _vault(cloud)}]
    plan: str = cloud.backup.create_backup_plan(BackupPlan={"BackupPlanName": "p", "Rules": rules})["BackupPlanId"]
    return plan


def test_backup_selection(clouds: Clouds) -> None:
    def life(cloud: Cloud) -> object:
        plan = _plan(cloud)
        selection = {"SelectionName": "all", "IamRoleArn": role(cloud, "backup"), "Resources": ["*"]}
        made = cloud.backup.create_backup_selection(BackupPlanId=plan, BackupSelection=selection)
        identity = {"BackupPlanId": plan, "SelectionId": made["SelectionId"]}
        read = cloud.backup.get_backup_selection(**identity)["BackupSelection"] == selection
        found = cloud.backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]
        blocked = outcome(lambda one: one.backup.delete_backup_plan(BackupPlanId=plan), cloud)
        cloud.backup.delete_backup_selection(**identity)
        listed = [one["SelectionName"] for one in found]
        return read, listed, blocked, outcome(lambda one: one.backup.get_backup_selection(**identity), cloud)

    clouds.mends(life, (True, ["all"], "InvalidRequestException", "InvalidParameterValueException"))


def test_update_of_a_backup_plan(clouds: Clouds) -> None:
    def updated(cloud: Cloud) -> object:
        plan = _plan(cloud)
        rules = [{"RuleName": "weekly", "TargetBackupVaultName": "vault"}]
        cloud.backup.update_backup_plan(BackupPlanId=plan, BackupPlan={"BackupPlanName": "p", "Rules": rules})
        return [rule["RuleName"] for rule in cloud.backup.get_backup_plan(BackupPlanId=plan)["BackupPlan"]["Rules"]]

    clouds.mends(updated, ["weekly"])


def test_policy_of_a_backup_vault(clouds: Clouds) -> None:
    document = policy("backup:DeleteRecoveryPoint", Effect="Deny", Principal="*")

    def life(cloud: Cloud) -> object:
        vault = {"BackupVaultName": _vault(cloud)}
        cloud.backup.put_backup_vault_access_policy(**vault, Policy=document)
        read = cloud.backup.get_backup_vault_access_policy(**vault)["Policy"]
        cloud.backup.delete_backup_vault_access_policy(**vault)
        return read, outcome(lambda one: one.backup.get_backup_vault_access_policy(**vault), cloud)

    clouds.mends(life, (document, "ResourceNotFoundException"))


def test_notifications_of_a_backup_vault(clouds: Clouds) -> None:
    def life(cloud: Cloud) -> object:
        vault, topic = {"BackupVaultName": _vault(cloud)}, cloud.sns.create_topic(Name="alerts")["TopicArn"]
        events = ["BACKUP_JOB_FAILED"]
        cloud.backup.put_backup_vault_notifications(**vault, SNSTopicArn=topic, BackupVaultEvents=events)
        read = cloud.backup.get_backup_vault_notifications(**vault)
        cloud.backup.delete_backup_vault_notifications(**vault)
        gone = outcome(lambda one: one.backup.get_backup_vault_notifications(**vault), cloud)
        return read["SNSTopicArn"] == topic, read["BackupVaultEvents"], gone

    clouds.mends(life, (True, ["BACKUP_JOB_FAILED"], "ResourceNotFoundException"))


def test_settings_of_a_region(clouds: Clouds) -> None:
    def life(cloud: Cloud) -> object:
        before = cloud.backup.describe_region_settings()
        cloud.backup.update_region_settings(ResourceTypeManagementPreference={"DynamoDB": False})
        after = cloud.backup.describe_region_settings()
        return [
            (one["ResourceTypeOptInPreference"]["DynamoDB"], one["ResourceTypeManagementPreference"]["DynamoDB"])
            for one in (before, after)
        ]

    clouds.mends(life, [(True, True), (True, False)])


def test_recovery_points_of_a_vault(clouds: Clouds) -> None:
    def points(cloud: Cloud) -> object:
        return cloud.backup.list_recovery_points_by_backup_vault(BackupVaultName=_vault(cloud))["RecoveryPoints"]

    clouds.mends(points, [])


def test_composite_alarm(clouds: Clouds) -> None:
    def life(cloud: Cloud) -> object:
        topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"
        metric = {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Period": 60, "Statistic": "Sum"}
        limit = {"EvaluationPeriods": 1, "Threshold": 10, "ComparisonOperator": "GreaterThanThreshold"}
        cloud.cloudwatch.put_metric_alarm(AlarmName="errors", **metric, **limit)
        cloud.cloudwatch.put_composite_alarm(
            AlarmName="service",
            AlarmRule="ALARM(errors)",
            AlarmDescription="all",
            AlarmActions=[topic],
            OKActions=[topic],
        )
        found = cloud.cloudwatch.describe_alarms(AlarmNames=["service"], AlarmTypes=["CompositeAlarm"])
        alarm = found["CompositeAlarms"][0]
        cloud.cloudwatch.delete_alarms(AlarmNames=["service"])
        left = cloud.cloudwatch.describe_alarms(AlarmNames=["service"], AlarmTypes=["CompositeAlarm"])
        return alarm["AlarmRule"], alarm["AlarmDescription"], alarm["OKActions"] == [topic], left["CompositeAlarms"]

    clouds.mends(life, ("ALARM(errors)", "all", True, []))


def test_saved_query(clouds: Clouds) -> None:
    def life(cloud: Cloud) -> object:
        made = cloud.logs.put_query_definition(
            name="payment/errors", queryString="fields @message", logGroupNames=["a"]
        )
        cloud.logs.put_query_definition(**{"queryDefinitionId": made["queryDefinitionId"]}, name="b", queryString="c")
        names = [one["name"] for one in cloud.logs.describe_query_definitions()["queryDefinitions"]]
        cloud.logs.delete_query_definition(queryDefinitionId=made["queryDefinitionId"])
        return names, cloud.logs.describe_query_definitions()["queryDefinitions"]

    clouds.mends(life, (["b"], []))


def test_xray_group(clouds: Clouds) -> None:
    def life(cloud: Cloud) -> object:
        tags = [{"Key": "Owner", "Value": "a"}]
        made = cloud.xray.create_group(GroupName="payment", FilterExpression="ok", Tags=tags)["Group"]
        cloud.xray.update_group(GroupName="payment", FilterExpression="fault")
        cloud.xray.tag_resource(ResourceARN=made["GroupARN"], Tags=[{"Key": "Project", "Value": "b"}])
        cloud.xray.untag_resource(ResourceARN=made["GroupARN"], TagKeys=["Owner"])
        filter_ = cloud.xray.get_group(GroupName="payment")["Group"]["FilterExpression"]
        left = cloud.xray.list_tags_for_resource(ResourceARN=made["GroupARN"])["Tags"]
        cloud.xray.delete_group(GroupName="payment")
        return filter_, left, cloud.xray.get_groups()["Groups"]

    clouds.mends(life, ("fault", [{"Key": "Project", "Value": "b"}], []))


def test_update_of_a_stage(clouds: Clouds) -> None:
    def updated(cloud: Cloud) -> object:
        api = cloud.apigatewayv2.create_api(Name="payments", ProtocolType="HTTP")["ApiId"]
        stage = {"ApiId": api, "StageName": "$default"}
        cloud.apigatewayv2.create_stage(**stage, AutoDeploy=True, Tags={"owner": "a"})
        cloud.apigatewayv2.update_stage(**stage, DefaultRouteSettings={"ThrottlingRateLimit": 50.0})
        read = cloud.apigatewayv2.get_stage(**stage)
        return read["AutoDeploy"], read["DefaultRouteSettings"]["ThrottlingRateLimit"], read["Tags"]

    clouds.mends(updated, (True, 50.0, {"owner": "a"}))


def test_update_of_a_domain_name_and_its_mapping(clouds: Clouds) -> None:
    def updated(cloud: Cloud) -> object:
        certificates = [f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/{number}" for number in (1, 2)]
        api = cloud.apigatewayv2.create_api(Name="payments", ProtocolType="HTTP")["ApiId"]
        for name in ("one", "two"):
            cloud.apigatewayv2.create_stage(ApiId=api, StageName=name)
        domain = {"DomainName": "api.example.org"}
        first, second = ([{"CertificateArn": arn, "EndpointType": "REGIONAL"}] for arn in certificates)
        cloud.apigatewayv2.create_domain_name(**domain, DomainNameConfigurations=first)
        mapping = cloud.apigatewayv2.create_api_mapping(**domain, ApiId=api, Stage="one")["ApiMappingId"]
        cloud.apigatewayv2.update_domain_name(**domain, DomainNameConfigurations=second)
        cloud.apigatewayv2.update_api_mapping(**domain, ApiId=api, ApiMappingId=mapping, Stage="two")
        read = cloud.apigatewayv2.get_domain_name(**domain)["DomainNameConfigurations"][0]
        stage = cloud.apigatewayv2.get_api_mapping(**domain, ApiMappingId=mapping)["Stage"]
        return read["CertificateArn"] == certificates[1], read["DomainNameStatus"], stage

    clouds.mends(updated, (True, "AVAILABLE", "two"))


def test_engine_versions(clouds: Clouds) -> None:
    def families(cloud: Cloud) -> object:
        line = {"Engine": "aurora-mysql", "EngineVersion": "8.0.mysql_aurora.3.10.0"}
        found = cloud.rds.describe_db_engine_versions(**line)["DBEngineVersions"]
        others = cloud.rds.describe_db_engine_versions(Engine="oracle-ee")["DBEngineVersions"]
        return [version["DBParameterGroupFamily"] for version in found], others

    clouds.mends(families, (["aurora-mysql8.0"], []))
