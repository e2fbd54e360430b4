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


@repairs("elbv2", "DeleteLoadBalancer")
def forget_load_balancer(call: Call, plain: Plain) -> Output:
    """moto's web ACLs go on naming a load balancer that is gone, and cannot be deleted then."""
    output = plain()
    for acl in call.backend("wafv2").wacls.values():
        acl.associated_resources[:] = [one for one in acl.associated_resources if one != call.params["LoadBalancerArn"]]
    return output


@repairs("wafv2", "DeleteWebACL")
def delete_logging_with_web_acl(call: Call, plain: Plain) -> Output:
    """moto keeps the logging of a web ACL that is gone."""
    backend = call.backend()
    output = plain()
    for arn in set(backend.logging_configurations) - set(backend.wacls):
        del backend.logging_configurations[arn]
    return output
