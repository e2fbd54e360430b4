"""What Elastic Load Balancing refuses and moto accepts: a bucket for logs that it cannot write to.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
"""

from typing import Any

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.functions.policy import allows, service_access, statements_of
from local_aws.registry import refuses

DELIVERY = "logdelivery.elasticloadbalancing.amazonaws.com"
ENABLED, BUCKET, PREFIX = "access_logs.s3.enabled", "access_logs.s3.bucket", "access_logs.s3.prefix"


@refuses("elbv2", "ModifyLoadBalancerAttributes")
def bucket_that_logs_cannot_be_written_to(call: Call) -> None:
    """It must be in this Region, be encrypted with S3's own keys, and let the load balancer write under the prefix."""
    arn = call.params["LoadBalancerArn"]
    balancer = call.backend().load_balancers.get(arn)
    given = {one["Key"]: one.get("Value", "") for one in call.params["Attributes"]}
    attributes = {**(balancer.attrs if balancer else {}), **given}
    if not given.keys() & {ENABLED, BUCKET, PREFIX} or attributes.get(ENABLED) != "true":
        return
    name = attributes.get(BUCKET, "")
    bucket = call.backend("s3").buckets.get(name)
    if bucket is None:
        raise _unusable(f"S3Bucket: {name} does not exist")
    if bucket.region_name != call.region:
        raise _unusable(f"S3Bucket: {name} is not located in the same region with your load balancer")
    path = "/".join(part for part in (name, attributes.get(PREFIX), "AWSLogs", call.account_id) if part)
    access = service_access("s3:PutObject", f"arn:aws:s3:::{path}/ELBAccessLogTestFile", DELIVERY, arn, call.account_id)
    document = bucket.policy.decode() if bucket.policy else None
    if _encrypted_with_kms(bucket) or not allows(statements_of(document), access, resource_policy=True):
        raise _unusable(f"Access Denied for bucket: {name}. Please check S3bucket permission")


def _unusable(message: str) -> AwsError:
    return AwsError("InvalidConfigurationRequest", message)


def _encrypted_with_kms(bucket: Any) -> bool:
    return "aws:kms" in str(bucket.encryption)
