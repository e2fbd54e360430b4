"""`taggable`: IAM, DNS, functions, queues and topics."""

from tests.integration.local_aws.conftest import Cloud
from tests.integration.local_aws.resources import function, policy, role
from tests.integration.local_aws.taggable import Made, Tags, arn, maker, pairs, plain


@maker("IAM policy")
def iam_policy(cloud: Cloud, tags: Tags) -> Made:
    made = cloud.iam.create_policy(PolicyName="it", PolicyDocument=policy("s3:ListBucket"), Tags=pairs(tags))
    given = {"PolicyArn": made["Policy"]["Arn"]}
    return Made(
        given["PolicyArn"],
        lambda: plain(cloud.iam.list_policy_tags(**given)["Tags"]),
        lambda: cloud.iam.delete_policy(**given),
    )


@maker("instance profile")
def instance_profile(cloud: Cloud, tags: Tags) -> Made:
    given = {"InstanceProfileName": "it"}
    made = cloud.iam.create_instance_profile(**given, Tags=pairs(tags))["InstanceProfile"]["Arn"]
    return Made(
        made,
        lambda: plain(cloud.iam.get_instance_profile(**given)["InstanceProfile"]["Tags"]),
        lambda: cloud.iam.delete_instance_profile(**given),
    )


@maker("hosted zone")
def hosted_zone(cloud: Cloud, tags: Tags) -> Made:
    made = cloud.route53.create_hosted_zone(Name="it.internal", CallerReference="it")
    return _route53(cloud, "hostedzone", made["HostedZone"]["Id"].rpartition("/")[2], tags)


@maker("health check")
def health_check(cloud: Cloud, tags: Tags) -> Made:
    check = {"Type": "HTTPS", "FullyQualifiedDomainName": "it.internal", "Port": 443, "ResourcePath": "/health"}
    made = cloud.route53.create_health_check(CallerReference="it", HealthCheckConfig=check)
    return _route53(cloud, "healthcheck", made["HealthCheck"]["Id"], tags)


def _route53(cloud: Cloud, kind: str, identity: str, tags: Tags) -> Made:
    given = {"ResourceType": kind, "ResourceId": identity}
    cloud.route53.change_tags_for_resource(**given, AddTags=pairs(tags))
    delete = {
        "hostedzone": lambda: cloud.route53.delete_hosted_zone(Id=identity),
        "healthcheck": lambda: cloud.route53.delete_health_check(HealthCheckId=identity),
    }[kind]
    return Made(
        f"arn:aws:route53:::{kind}/{identity}",
        lambda: plain(cloud.route53.list_tags_for_resource(**given)["ResourceTagSet"]["Tags"]),
        delete,
    )


@maker("function")
def lambda_function(cloud: Cloud, tags: Tags) -> Made:
    made = function(cloud, Tags=dict(tags))["FunctionArn"]
    return Made(
        made,
        lambda: cloud.lambda_.list_tags(Resource=made)["Tags"],
        lambda: cloud.lambda_.delete_function(FunctionName=made),
    )


@maker("event source mapping")
def event_source_mapping(cloud: Cloud, tags: Tags) -> Made:
    role(cloud, "lambda", "sqs:*")
    cloud.iam.delete_role_policy(RoleName="lambda-role", PolicyName="it")
    cloud.iam.delete_role(RoleName="lambda-role")
    cloud.sqs.create_queue(QueueName="source")
    function(cloud)
    cloud.iam.put_role_policy(RoleName="lambda-role", PolicyName="sqs", PolicyDocument=policy("sqs:*"))
    made = cloud.lambda_.create_event_source_mapping(
        FunctionName="payments", EventSourceArn=arn("sqs", "source"), Tags=dict(tags)
    )["UUID"]
    mapping = arn("lambda", f"event-source-mapping:{made}")
    return Made(
        mapping,
        lambda: cloud.lambda_.list_tags(Resource=mapping)["Tags"],
        lambda: cloud.lambda_.delete_event_source_mapping(UUID=made),
    )


@maker("queue")
def queue(cloud: Cloud, tags: Tags) -> Made:
    url = cloud.sqs.create_queue(QueueName="it", tags=dict(tags))["QueueUrl"]
    return Made(
        arn("sqs", "it"),
        lambda: cloud.sqs.list_queue_tags(QueueUrl=url)["Tags"],
        lambda: cloud.sqs.delete_queue(QueueUrl=url),
    )


@maker("topic")
def topic(cloud: Cloud, tags: Tags) -> Made:
    made = cloud.sns.create_topic(Name="it", Tags=pairs(tags))["TopicArn"]
    return Made(
        made,
        lambda: plain(cloud.sns.list_tags_for_resource(ResourceArn=made)["Tags"]),
        lambda: cloud.sns.delete_topic(TopicArn=made),
    )
