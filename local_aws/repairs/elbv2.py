"""Repairs of Elastic Load Balancing: load balancers listen, and are active at once."""

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.load_balancers.listening import synchronize
from local_aws.registry import Output, Plain, repairs


@repairs("elbv2", "CreateLoadBalancer")
def activate_at_once(call: Call, plain: Plain) -> Output:
    """moto's load balancer is active after somebody has looked."""
    output, backend = plain(), call.backend()
    for shown in output["LoadBalancers"]:
        backend.load_balancers[shown["LoadBalancerArn"]].activate()
    return output


@repairs("elbv2", "DeleteLoadBalancer")
def keep_what_is_protected(call: Call, plain: Plain) -> Output:
    """moto deletes load balancers in spite of their deletion protection."""
    arn = call.params["LoadBalancerArn"]
    balancer = call.backend().load_balancers.get(arn)
    if balancer and balancer.attrs.get("deletion_protection.enabled") == "true":
        text = f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        raise AwsError("OperationNotPermitted", text)
    return plain()


@repairs("elbv2", "CreateListener", "DeleteListener", "DeleteLoadBalancer", "ModifyListener")
def listen(call: Call, plain: Plain) -> Output:
    """moto's listeners do not listen."""
    held = call.backend().load_balancers
    before = list(held.values())
    output = plain()
    for balancer in {**held, **{one.arn: one for one in before}}.values():
        synchronize(balancer)
    return output
