"""Repairs of EC2: security group rules."""

from moto.ec2.models.security_groups import SecurityGroupRule

from local_aws.calls import Call
from local_aws.registry import Output, Plain, installs, repairs


@installs
def describe_every_rule() -> None:
    """moto drops the description of a rule that names another group or a prefix list."""

    def description(rule: SecurityGroupRule) -> str | None:
        sources = (rule.ip_range, rule.source_group, rule.prefix_list_id)
        found: list[str] = [source["Description"] for source in sources if source and source.get("Description")]
        return found[0] if found else None

    SecurityGroupRule.description = property(description)


@repairs("ec2", "ModifySecurityGroupRules")
def modify_every_rule(call: Call, plain: Plain) -> Output:
    """moto writes a changed description where only rules with an address range have theirs, and keeps the old one."""
    output = plain()
    group = call.backend().get_security_group_from_id(call.params["GroupId"])
    for change in call.params["SecurityGroupRules"]:
        rule, wanted = group.get_rule(change["SecurityGroupRuleId"]), change["SecurityGroupRule"]
        for source in (rule.ip_range, rule.source_group, rule.prefix_list_id):
            if source:
                source["Description"] = wanted.get("Description")
        if rule.source_group and "ReferencedGroupId" in wanted:
            rule.source_group["GroupId"] = wanted["ReferencedGroupId"]
    return output
