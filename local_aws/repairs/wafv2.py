"""Repairs of WAF: a resource has one web ACL."""

from local_aws.calls import Call
from local_aws.registry import Output, Plain, repairs


@repairs("wafv2", "AssociateWebACL")
def replace_association(call: Call, plain: Plain) -> Output:
    """moto goes on associating a resource with the web ACL that it had before."""
    acls, arn = call.backend().wacls, call.params["ResourceArn"]
    output = plain()
    for acl in acls.values():
        others = [one for one in acl.associated_resources if one != arn]
        acl.associated_resources[:] = [*others, arn] if acl.arn == call.params["WebACLArn"] else others
    return output
