"""`taggable`: events, APIs, monitoring, and what the container architecture needs."""

from collections.abc import Callable

from tests.integration.local_aws.conftest import REGION, Cloud
from tests.integration.local_aws.resources import network, policy, role
from tests.integration.local_aws.taggable import Made, Tags, arn, maker, pairs, plain


def _events(cloud: Cloud, made: str, delete: Callable[[], object]) -> Made:
    return Made(made, lambda: plain(cloud.events.list_tags_for_resource(ResourceARN=made)["Tags"]), delete)


@maker("event bus")
def event_bus(cloud: Cloud, tags: Tags) -> Made:
    made = cloud.events.create_event_bus(Name="it", Tags=pairs(tags))["EventBusArn"]
    return _events(cloud, made, lambda: cloud.events.delete_event_bus(Name="it"))


@maker("event rule")
def event_rule(cloud: Cloud, tags: Tags) -> Made:
    event_bus(cloud, {})
    given = {"EventBusName": "it"}
    cloud.events.put_rule(**given, Name="rule", EventPattern='{"source": ["it"]}', Tags=pairs(tags))
    return _events(cloud, arn("events", "rule/it/rule"), lambda: cloud.events.delete_rule(**given, Name="rule"))


@maker("rule of the default bus")
def default_rule(cloud: Cloud, tags: Tags) -> Made:
    cloud.events.put_rule(Name="rule", EventPattern='{"source": ["it"]}', Tags=pairs(tags))
    return _events(cloud, arn("events", "rule/rule"), lambda: cloud.events.delete_rule(Name="rule"))


@maker("schedule group")
def schedule_group(cloud: Cloud, tags: Tags) -> Made:
    made = cloud.scheduler.create_schedule_group(Name="it", Tags=pairs(tags))["ScheduleGroupArn"]
    return Made(
        made,
        lambda: plain(cloud.scheduler.list_tags_for_resource(ResourceArn=made)["Tags"]),
        lambda: cloud.scheduler.delete_schedule_group(Name="it"),
    )


@maker("state machine")
def state_machine(cloud: Cloud, tags: Tags) -> Made:
    made = cloud.stepfunctions.create_state_machine(
        name="it",
        definition='{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}',
        roleArn=role(cloud, "states"),
        tags=[{"key": key, "value": value} for key, value in tags.items()],
    )["stateMachineArn"]
    return Made(
        made,
        lambda: plain(cloud.stepfunctions.list_tags_for_resource(resourceArn=made)["tags"], "key", "value"),
        lambda: cloud.stepfunctions.delete_state_machine(stateMachineArn=made),
    )


@maker("HTTP API")
def http_api(cloud: Cloud, tags: Tags) -> Made:
    made = cloud.apigatewayv2.create_api(Name="it", ProtocolType="HTTP", Tags=dict(tags))["ApiId"]
    return Made(
        f"arn:aws:apigateway:{REGION}::/apis/{made}",
        lambda: cloud.apigatewayv2.get_api(ApiId=made)["Tags"],
        lambda: cloud.apigatewayv2.delete_api(ApiId=made),
    )


@maker("stage")
def stage(cloud: Cloud, tags: Tags) -> Made:
    api = cloud.apigatewayv2.create_api(Name="it", ProtocolType="HTTP")["ApiId"]
    given = {"ApiId": api, "StageName": "$default"}
    cloud.apigatewayv2.create_stage(**given, Tags=dict(tags))
    return Made(
        f"arn:aws:apigateway:{REGION}::/apis/{api}/stages/$default",
        lambda: cloud.apigatewayv2.get_stage(**given)["Tags"],
        lambda: cloud.apigatewayv2.delete_stage(**given),
    )


@maker("log group")
def log_group(cloud: Cloud, tags: Tags) -> Made:
    cloud.logs.create_log_group(logGroupName="/payment/it", tags=dict(tags))
    made = arn("logs", "log-group:/payment/it")
    return Made(
        made,
        lambda: cloud.logs.list_tags_for_resource(resourceArn=made)["tags"],
        lambda: cloud.logs.delete_log_group(logGroupName="/payment/it"),
    )


def _alarm(cloud: Cloud, name: str) -> Made:
    made = arn("cloudwatch", f"alarm:{name}")
    return Made(
        made,
        lambda: plain(cloud.cloudwatch.list_tags_for_resource(ResourceARN=made)["Tags"]),
        lambda: cloud.cloudwatch.delete_alarms(AlarmNames=[name]),
    )


@maker("metric alarm")
def metric_alarm(cloud: Cloud, tags: Tags) -> Made:
    cloud.cloudwatch.put_metric_alarm(
        AlarmName="errors",
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Period=60,
        Statistic="Sum",
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        Tags=pairs(tags),
    )
    return _alarm(cloud, "errors")


@maker("composite alarm")
def composite_alarm(cloud: Cloud, tags: Tags) -> Made:
    metric_alarm(cloud, {})
    cloud.cloudwatch.put_composite_alarm(AlarmName="service", AlarmRule='ALARM("errors")', Tags=pairs(tags))
    return _alarm(cloud, "service")


@maker("certificate")
def certificate(cloud: Cloud, tags: Tags) -> Made:
    given = {"CertificateArn": ""}
    given["CertificateArn"] = cloud.acm.request_certificate(
        DomainName="it.internal", ValidationMethod="DNS", Tags=pairs(tags)
    )["CertificateArn"]
    return Made(
        given["CertificateArn"],
        lambda: plain(cloud.acm.list_tags_for_certificate(**given)["Tags"]),
        lambda: cloud.acm.delete_certificate(**given),
    )


@maker("repository")
def repository(cloud: Cloud, tags: Tags) -> Made:
    made = cloud.ecr.create_repository(repositoryName="it", tags=pairs(tags))["repository"]["repositoryArn"]
    return Made(
        made,
        lambda: plain(cloud.ecr.list_tags_for_resource(resourceArn=made)["tags"]),
        lambda: cloud.ecr.delete_repository(repositoryName="it"),
    )


@maker("X-Ray group")
def xray_group(cloud: Cloud, tags: Tags) -> Made:
    made = cloud.xray.create_group(GroupName="it", Tags=pairs(tags))["Group"]["GroupARN"]
    return Made(
        made,
        lambda: plain(cloud.xray.list_tags_for_resource(ResourceARN=made)["Tags"]),
        lambda: cloud.xray.delete_group(GroupARN=made),
    )


@maker("namespace")
def namespace(cloud: Cloud, tags: Tags) -> Made:
    cloud.servicediscovery.create_http_namespace(Name="it", Tags=pairs(tags))
    found = cloud.servicediscovery.list_namespaces()["Namespaces"][0]
    return Made(
        found["Arn"],
        lambda: plain(cloud.servicediscovery.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"]),
        lambda: cloud.servicediscovery.delete_namespace(Id=found["Id"]),
    )


@maker("trail")
def trail(cloud: Cloud, tags: Tags) -> Made:
    cloud.s3.create_bucket(Bucket="it-trail")
    open_to_it = policy("s3:GetBucketAcl", "s3:PutObject", Principal={"Service": "cloudtrail.amazonaws.com"})
    cloud.s3.put_bucket_policy(Bucket="it-trail", Policy=open_to_it)
    made = cloud.cloudtrail.create_trail(Name="it-trail", S3BucketName="it-trail", TagsList=pairs(tags))["TrailARN"]
    return Made(
        made,
        lambda: plain(cloud.cloudtrail.list_tags(ResourceIdList=[made])["ResourceTagList"][0]["TagsList"]),
        lambda: cloud.cloudtrail.delete_trail(Name="it-trail"),
    )


@maker("detector")
def detector(cloud: Cloud, tags: Tags) -> Made:
    identity = cloud.guardduty.create_detector(Enable=True, Tags=dict(tags))["DetectorId"]
    made = arn("guardduty", f"detector/{identity}")
    return Made(
        made,
        lambda: cloud.guardduty.list_tags_for_resource(ResourceArn=made)["Tags"],
        lambda: cloud.guardduty.delete_detector(DetectorId=identity),
    )


@maker("load balancer")
def load_balancer(cloud: Cloud, tags: Tags) -> Made:
    subnets = network(cloud)[1]
    made = cloud.elbv2.create_load_balancer(Name="it", Subnets=subnets, Scheme="internal", Tags=pairs(tags))
    given = made["LoadBalancers"][0]["LoadBalancerArn"]
    return Made(
        given,
        lambda: plain(cloud.elbv2.describe_tags(ResourceArns=[given])["TagDescriptions"][0]["Tags"]),
        lambda: cloud.elbv2.delete_load_balancer(LoadBalancerArn=given),
    )


@maker("ECS cluster")
def ecs_cluster(cloud: Cloud, tags: Tags) -> Made:
    lower = [{"key": key, "value": value} for key, value in tags.items()]
    made = cloud.ecs.create_cluster(clusterName="it", tags=lower)["cluster"]["clusterArn"]
    return Made(
        made,
        lambda: plain(cloud.ecs.list_tags_for_resource(resourceArn=made)["tags"], "key", "value"),
        lambda: cloud.ecs.delete_cluster(cluster="it"),
    )


@maker("OpenID provider")
def open_id_provider(cloud: Cloud, tags: Tags) -> Made:
    made = cloud.iam.create_open_id_connect_provider(Url="https://it.example", Tags=pairs(tags))
    given = {"OpenIDConnectProviderArn": made["OpenIDConnectProviderArn"]}
    return Made(
        given["OpenIDConnectProviderArn"],
        lambda: plain(cloud.iam.list_open_id_connect_provider_tags(**given)["Tags"]),
        lambda: cloud.iam.delete_open_id_connect_provider(**given),
    )
