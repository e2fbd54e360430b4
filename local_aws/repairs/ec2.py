"""Repairs of EC2: security group rules."""

from typing import Any

from moto.ec2.models.security_groups import SecurityGroupRule

from local_aws.calls import Call
from local_aws.registry import Output, Plain, installs, patch, repairs


@installs
def describe_every_rule() -> None:
    """moto drops the description of a rule that names another group or a prefix list."""

    def description(rule: Any) -> str | None:
        sources = (rule.ip_range, rule.source_group, rule.prefix_list_id)
        found: list[str] = [source["Description"] for source in sources if source and source.get("Description")]
        return found[0] if found else None

    patch(SecurityGroupRule, description=property(description))


@repairs("ec2", "ModifySecurityGroupRules")
def change_group_and_drop_description(call: Call, plain: Plain) -> Output:
    """moto keeps the old description where the new rule has none, and the old group where it names another."""
    output = plain()
    group = call.backend().get_security_group_from_id(call.params["GroupId"])
    for change in call.params["SecurityGroupRules"]:
        rule, wanted = group.get_rule(change["SecurityGroupRuleId"]), change["SecurityGroupRule"]
        if not wanted.get("Description"):
            for source in (rule.ip_range, rule.source_group, rule.prefix_list_id):
                if isinstance(source, dict):
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
