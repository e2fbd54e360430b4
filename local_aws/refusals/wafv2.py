"""What WAF refuses and moto accepts.

https://docs.aws.amazon.com/waf/latest/APIReference/API_DeleteWebACL.html,
https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
"""

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import refuses

LOG_PREFIX = "aws-waf-logs-"


@refuses("wafv2", "DeleteWebACL")
def web_acl_in_use(call: Call) -> None:
    """A web ACL must be associated with nothing."""
    found = [acl for acl in call.backend().wacls.values() if acl.id == call.params["Id"]]
    if any(acl.associated_resources for acl in found):
        text = (
            "AWS WAF couldn't perform the operation because your resource is being used by another resource "
            "or it's associated with another resource."
        )
        raise AwsError("WAFAssociatedItemException", text)


@refuses("wafv2", "AssociateWebACL")
def what_cannot_have_a_web_acl(call: Call) -> None:
    """A load balancer must exist in this Region."""
    arn = call.params["ResourceArn"]
    if ":loadbalancer/app/" in arn and arn not in call.backend("elbv2").load_balancers:
        text = "AWS WAF couldn't perform the operation because your resource doesn't exist."
        raise AwsError("WAFNonexistentItemException", text)


@refuses("wafv2", "PutLoggingConfiguration")
def log_destination(call: Call) -> None:
    """What is logged to must be named for WAF, and exist where it is a log group."""
    for arn in call.params["LoggingConfiguration"]["LogDestinationConfigs"]:
        # The last part is the name of a log group, of a bucket, or of a delivery stream after its kind.
        name = arn.removesuffix(":*").rpartition(":")[2].rpartition("/")[2]
        if not name.startswith(LOG_PREFIX):
            text = f"Error reason: The ARN isn't valid, parameter: {arn}"
            raise AwsError("WAFInvalidParameterException", text)
        if ":log-group:" in arn and name not in call.backend("logs").groups:
            text = "AWS WAF couldn't perform the operation because the log destination doesn't exist."
            raise AwsError("WAFLogDestinationPermissionIssueException", text)
