"""Each repair of moto: the fault is still in plain moto, and mended in ours."""

import json
from typing import Any

from tests.integration.local_aws.conftest import ACCOUNT, REGION, Cloud, Clouds
from tests.integration.local_aws.resources import cluster, function, group, network, policy


def _queue(cloud: Cloud, name: str = "payments") -> str:
    url: str = cloud.sqs.create_queue(QueueName=name)["QueueUrl"]
    return url


def _attribute(cloud: Cloud, url: str, name: str) -> object:
    return cloud.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name]).get("Attributes", {}).get(name)


def test_queue_keeps_its_policy_when_another_attribute_is_set(clouds: Clouds) -> None:
    document = policy("sqs:SendMessage", Principal="*")

    def policy_after_change(cloud: Cloud) -> object:
        url = _queue(cloud)
        cloud.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})
        cloud.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
        return _attribute(cloud, url, "Policy")

    clouds.mends(policy_after_change, document)


def test_redrive_policy_reads_back_as_aws_writes_it(clouds: Clouds) -> None:
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"
    document = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3}, separators=(",", ":"))

    def redrive_policy(cloud: Cloud) -> object:
        _queue(cloud, "dead")
        url = _queue(cloud)
        cloud.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": document})
        return _attribute(cloud, url, "RedrivePolicy")

    clouds.mends(redrive_policy, document)


def test_redrive_allow_policy_can_be_read_and_removed(clouds: Clouds) -> None:
    def before_and_after(cloud: Cloud) -> object:
        url = _queue(cloud)
        cloud.sqs.set_queue_attributes(
            QueueUrl=url, Attributes={"RedriveAllowPolicy": '{"redrivePermission":"denyAll"}'}
        )
        before = _attribute(cloud, url, "RedriveAllowPolicy")
        cloud.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": ""})
        return before, _attribute(cloud, url, "RedriveAllowPolicy")

    clouds.mends(before_and_after, ('{"redrivePermission":"denyAll"}', None))


def _rule(cloud: Cloud) -> tuple[str, str]:
    """A group, and a rule of it that names another group."""
    vpc, _ = network(cloud)
    source, target = group(cloud, vpc), group(cloud, vpc, "database")
    pair = {"GroupId": source, "Description": "MySQL"}
    permission = {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "UserIdGroupPairs": [pair]}
    made = cloud.ec2.authorize_security_group_ingress(GroupId=target, IpPermissions=[permission])
    return target, made["SecurityGroupRules"][0]["SecurityGroupRuleId"]


def _description(cloud: Cloud, rule: str) -> object:
    rules = cloud.ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule])["SecurityGroupRules"]
    return rules[0].get("Description")


def test_rule_that_names_a_group_keeps_its_description(clouds: Clouds) -> None:
    clouds.mends(lambda cloud: _description(cloud, _rule(cloud)[1]), "MySQL")


def test_rule_that_names_a_prefix_list_keeps_its_description(clouds: Clouds) -> None:
    def description(cloud: Cloud) -> object:
        vpc, _ = network(cloud)
        lists = cloud.ec2.describe_managed_prefix_lists()["PrefixLists"]
        named = {"PrefixListId": lists[0]["PrefixListId"], "Description": "S3"}
        permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [named]}
        made = cloud.ec2.authorize_security_group_egress(GroupId=group(cloud, vpc), IpPermissions=[permission])
        return _description(cloud, made["SecurityGroupRules"][0]["SecurityGroupRuleId"])

    clouds.mends(description, "S3")


def test_rule_can_name_another_group_and_lose_its_description(clouds: Clouds) -> None:
    def changed(cloud: Cloud) -> object:
        target, rule = _rule(cloud)
        wanted = {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "ReferencedGroupId": target}
        cloud.ec2.modify_security_group_rules(
            GroupId=target, SecurityGroupRules=[{"SecurityGroupRuleId": rule, "SecurityGroupRule": wanted}]
        )
        found = cloud.ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule])["SecurityGroupRules"][0]
        return found["ReferencedGroupInfo"]["GroupId"] == target, found.get("Description")

    clouds.mends(changed, (True, None))


def test_deleted_nat_gateway_leaves_no_interface(clouds: Clouds) -> None:
    def interfaces(cloud: Cloud) -> object:
        _, subnets = network(cloud)
        address = cloud.ec2.allocate_address(Domain="vpc")["AllocationId"]
        made = cloud.ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address)["NatGateway"]
        cloud.ec2.delete_nat_gateway(NatGatewayId=made["NatGatewayId"])
        return len(cloud.ec2.describe_network_interfaces()["NetworkInterfaces"])

    clouds.mends(interfaces, 0)


def test_deleted_vpc_leaves_no_network_acl(clouds: Clouds) -> None:
    def acls(cloud: Cloud) -> object:
        vpc = cloud.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        cloud.ec2.delete_vpc(VpcId=vpc)
        found = cloud.ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
        return found["NetworkAcls"]

    clouds.mends(acls, [])


def test_key_keeps_its_rotation_period(clouds: Clouds) -> None:
    def period(cloud: Cloud) -> object:
        key = cloud.kms.create_key()["KeyMetadata"]["KeyId"]
        cloud.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
        return cloud.kms.get_key_rotation_status(KeyId=key).get("RotationPeriodInDays")

    clouds.mends(period, 180)


def test_function_keeps_dead_letter_and_logging_configuration(clouds: Clouds) -> None:
    logging = {"LogFormat": "JSON", "LogGroup": "/payments"}

    def kept(cloud: Cloud) -> object:
        url = _queue(cloud)
        dead = {"TargetArn": _attribute(cloud, url, "QueueArn")}
        function(cloud, DeadLetterConfig=dead, LoggingConfig=logging)
        configuration = cloud.lambda_.get_function_configuration(FunctionName="payments")
        return configuration.get("DeadLetterConfig") == dead, configuration.get("LoggingConfig")

    clouds.mends(kept, (True, logging))


def test_function_takes_every_field_of_an_update(clouds: Clouds) -> None:
    def updated(cloud: Cloud) -> object:
        function(cloud)
        changes = {"TracingConfig": {"Mode": "Active"}, "EphemeralStorage": {"Size": 1024}}
        cloud.lambda_.update_function_configuration(FunctionName="payments", **changes)
        configuration = cloud.lambda_.get_function_configuration(FunctionName="payments")
        return {name: configuration.get(name) for name in changes} == changes

    clouds.mends(updated, True)


def _function_in_vpc(cloud: Cloud) -> tuple[str, list[str]]:
    vpc, subnets = network(cloud)
    function(cloud, VpcConfig={"SubnetIds": subnets, "SecurityGroupIds": [group(cloud, vpc)]})
    return vpc, subnets


def test_function_shows_the_vpc_of_its_subnets(clouds: Clouds) -> None:
    def shown(cloud: Cloud) -> object:
        vpc, _ = _function_in_vpc(cloud)
        configuration = cloud.lambda_.get_function_configuration(FunctionName="payments")
        return configuration["VpcConfig"]["VpcId"] == vpc

    clouds.mends(shown, True)


def test_function_keeps_its_subnets_when_its_security_groups_change(clouds: Clouds) -> None:
    def kept(cloud: Cloud) -> object:
        vpc, subnets = _function_in_vpc(cloud)
        other = {"SecurityGroupIds": [group(cloud, vpc, "other")]}
        cloud.lambda_.update_function_configuration(FunctionName="payments", VpcConfig=other)
        configuration = cloud.lambda_.get_function_configuration(FunctionName="payments")
        return configuration.get("VpcConfig", {}).get("SubnetIds") == subnets

    clouds.mends(kept, True)


def test_function_holds_network_interfaces_until_it_is_deleted(clouds: Clouds) -> None:
    def held(cloud: Cloud) -> object:
        _function_in_vpc(cloud)
        before = len(cloud.ec2.describe_network_interfaces()["NetworkInterfaces"])
        cloud.lambda_.delete_function(FunctionName="payments")
        return before, len(cloud.ec2.describe_network_interfaces()["NetworkInterfaces"])

    clouds.mends(held, (2, 0))


def test_provisioned_cluster_shows_no_scaling_configuration(clouds: Clouds) -> None:
    def shown(cloud: Cloud) -> object:
        cluster(cloud)
        return "ScalingConfigurationInfo" in cloud.rds.describe_db_clusters()["DBClusters"][0]

    clouds.mends(shown, False)


def test_instance_keeps_performance_insights(clouds: Clouds) -> None:
    def kept(cloud: Cloud) -> object:
        cluster(cloud)
        cloud.rds.create_db_instance(
            DBInstanceIdentifier="ledger-0",
            DBClusterIdentifier="ledger",
            DBInstanceClass="db.r5.large",
            Engine="aurora-mysql",
            EnablePerformanceInsights=True,
            PerformanceInsightsRetentionPeriod=7,
        )
        shown = cloud.rds.describe_db_instances()["DBInstances"][0]
        return shown.get("PerformanceInsightsEnabled"), shown.get("PerformanceInsightsRetentionPeriod")

    clouds.mends(kept, (True, 7))


def test_parameters_that_a_user_set_say_so(clouds: Clouds) -> None:
    def source(cloud: Cloud) -> object:
        name = {"DBParameterGroupName": "ledger"}
        cloud.rds.create_db_parameter_group(**name, DBParameterGroupFamily="aurora-mysql8.0", Description="d")
        changed = {"ParameterName": "slow_query_log", "ParameterValue": "1", "ApplyMethod": "immediate"}
        cloud.rds.modify_db_parameter_group(**name, Parameters=[changed])
        return cloud.rds.describe_db_parameters(**name)["Parameters"][0].get("Source")

    clouds.mends(source, "user")


def test_cluster_can_be_made_again_at_once(clouds: Clouds) -> None:
    def made_twice(cloud: Cloud) -> object:
        for _ in range(2):
            cluster(cloud)
            cloud.rds.delete_db_cluster(DBClusterIdentifier="ledger", SkipFinalSnapshot=True)
        return cloud.rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]

    clouds.mends(made_twice, [])


def test_zone_with_a_vpc_is_private(clouds: Clouds) -> None:
    def private(cloud: Cloud) -> object:
        vpc, _ = network(cloud)
        where = {"VPCRegion": REGION, "VPCId": vpc}
        made = cloud.route53.create_hosted_zone(Name="payment.local", CallerReference="1", VPC=where)
        zone = cloud.route53.get_hosted_zone(Id=made["HostedZone"]["Id"])
        return zone["HostedZone"]["Config"]["PrivateZone"], zone.get("VPCs") == [where]

    clouds.mends(private, (True, True))


def test_zone_makes_no_reusable_delegation_set(clouds: Clouds) -> None:
    def sets(cloud: Cloud) -> object:
        cloud.route53.create_hosted_zone(Name="example.org", CallerReference="1")
        return cloud.route53.list_reusable_delegation_sets()["DelegationSets"]

    clouds.mends(sets, [])


def test_domain_name_becomes_available_and_has_a_target(clouds: Clouds) -> None:
    def status(cloud: Cloud) -> object:
        configuration = {
            "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
            "EndpointType": "REGIONAL",
        }
        cloud.apigatewayv2.create_domain_name(DomainName="api.example.org", DomainNameConfigurations=[configuration])
        shown = cloud.apigatewayv2.get_domain_name(DomainName="api.example.org")["DomainNameConfigurations"][0]
        return shown.get("DomainNameStatus"), "ApiGatewayDomainName" in shown and "HostedZoneId" in shown

    clouds.mends(status, ("AVAILABLE", True))


def test_stage_can_be_tagged(clouds: Clouds) -> None:
    def tags(cloud: Cloud) -> object:
        api = cloud.apigatewayv2.create_api(Name="payments", ProtocolType="HTTP")["ApiId"]
        cloud.apigatewayv2.create_stage(ApiId=api, StageName="$default", Tags={"Owner": "a", "Old": "b"})
        arn = f"arn:aws:apigateway:{REGION}::/apis/{api}/stages/$default"
        cloud.apigatewayv2.tag_resource(ResourceArn=arn, Tags={"Owner": "c"})
        cloud.apigatewayv2.untag_resource(ResourceArn=arn, TagKeys=["Old"])
        return cloud.apigatewayv2.get_stage(ApiId=api, StageName="$default")["Tags"]

    clouds.mends(tags, {"Owner": "c"})


def _plan(cloud: Cloud, **more: object) -> str:
    cloud.backup.create_backup_vault(BackupVaultName="vault")
    rules = [{"RuleName": "daily_backup", "TargetBackupVaultName": "vault"}]
    made = cloud.backup.create_backup_plan(BackupPlan={"BackupPlanName": "plan", "Rules": rules}, **more)
    arn: str = made["BackupPlanArn"]
    return arn


def test_backup_tags_are_listed_for_clients_that_write_no_slash_at_the_end(clouds: Clouds) -> None:
    def drop_slash(request: Any, **_: object) -> None:
        request.url = request.url.rstrip("/")

    def tags(cloud: Cloud) -> object:
        cloud.backup.meta.events.register("before-sign.backup.ListTags", drop_slash)
        made = cloud.backup.create_backup_vault(BackupVaultName="vault", BackupVaultTags={"Project": "payment"})
        return cloud.backup.list_tags(ResourceArn=made["BackupVaultArn"])["Tags"]

    clouds.mends(tags, {"Project": "payment"})


def test_backup_plan_can_be_made_again_after_its_deletion(clouds: Clouds) -> None:
    def made_again(cloud: Cloud) -> object:
        first = _plan(cloud).rpartition(":")[2]
        cloud.backup.delete_backup_plan(BackupPlanId=first)
        cloud.backup.delete_backup_vault(BackupVaultName="vault")
        return _plan(cloud).rpartition(":")[2] != first

    clouds.mends(made_again, True)
