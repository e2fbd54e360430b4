"""Repairs of EC2: security group rules."""

from inspect import signature
from typing import Any

from moto.ec2.models.security_groups import SecurityGroupRule

from local_aws.calls import Call
from local_aws.registry import Output, Plain, installs, patch, repairs


@installs
def describe_every_rule() -> None:
    """moto drops the description of a rule that names another group or a prefix list."""
    plain = SecurityGroupRule.__init__

    def keep_prefix_list(rule: Any, *arguments: Any, **named: Any) -> None:
        plain(rule, *arguments, **named)
        rule.prefix_list = signature(plain).bind(rule, *arguments, **named).arguments.get("prefix_list_id") or {}

    def description(rule: Any) -> str | None:
        found: list[str] = [source["Description"] for source in _sources(rule) if source.get("Description")]
        return found[0] if found else None

    patch(SecurityGroupRule, __init__=keep_prefix_list, description=property(description))


def _sources(rule: Any) -> tuple[dict[str, str], ...]:
    """What a rule may name, each with the rule's description: addresses, a group or a prefix list."""
    return rule.ip_range, rule.source_group, rule.prefix_list


@repairs("ec2", "ModifySecurityGroupRules")
def change_group_and_drop_description(call: Call, plain: Plain) -> Output:
    """moto keeps the old description where the new rule has none, and the old group where it names another."""
    output = plain()
    group = call.backend().get_security_group_from_id(call.params["GroupId"])
    for change in call.params["SecurityGroupRules"]:
        rule, wanted = group.get_rule(change["SecurityGroupRuleId"]), change["SecurityGroupRule"]
        if not wanted.get("Description"):
            for source in _sources(rule):
                source.pop("Description", None)
        if rule.source_group and "ReferencedGroupId" in wanted:
            rule.source_group["GroupId"] = wanted["ReferencedGroupId"]
    return output


@repairs("ec2", "DeleteNatGateway")
def delete_interface_of_nat_gateway(call: Call, plain: Plain) -> Output:
    """moto leaves the gateway's network interface behind, and its address associated."""
    output, backend = plain(), call.backend()
    interface = backend.nat_gateways[call.params["NatGatewayId"]]._eni.id
    for address in backend.addresses:
        if address.eni and address.eni.id == interface:
            backend.disassociate_address(association_id=address.association_id)
    backend.enis.pop(interface, None)
    return output


@repairs("ec2", "DeleteVpc")
def delete_acls_of_vpc(call: Call, plain: Plain) -> Output:
    """moto leaves the VPC's default network ACL behind."""
    output, acls = plain(), call.backend().network_acls
    for identity, acl in list(acls.items()):
        if acl.vpc_id == call.params["VpcId"]:
            del acls[identity]
    return output


@repairs("ec2", "CreateVpcEndpoint")
def make_gateway_endpoints_by_default(call: Call, plain: Plain) -> Output:
    """moto leaves the type of an endpoint open where the call does, and then cannot delete it."""
    output = plain()
    endpoint = call.backend().vpc_end_points[output["VpcEndpoint"]["VpcEndpointId"]]
    endpoint.vpc_endpoint_type = output["VpcEndpoint"]["VpcEndpointType"] = endpoint.vpc_endpoint_type or "Gateway"
    return output
