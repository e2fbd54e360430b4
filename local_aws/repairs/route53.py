"""Repairs of Route 53."""

from local_aws.calls import Call
from local_aws.registry import Output, Plain, repairs


@repairs("route53", "CreateHostedZone")
def make_zones_with_vpc_private(call: Call, plain: Plain) -> Output:
    """moto makes a zone private only if told so twice, and drops its VPC otherwise. With a VPC a zone is private."""
    output, vpc = plain(), call.params.get("VPC")
    if vpc:
        zone = call.backend().zones[output["HostedZone"]["Id"].rpartition("/")[2]]
        if not zone.private_zone:
            zone.private_zone = True
            zone.add_vpc(vpc["VPCId"], vpc["VPCRegion"])
        output["HostedZone"].setdefault("Config", {})["PrivateZone"] = True
        output["VPC"] = vpc
        output.pop("DelegationSet", None)
    return output


@repairs("route53", "CreateHostedZone")
def keep_only_reusable_delegation_sets(call: Call, plain: Plain) -> Output:
    """moto makes a reusable delegation set for each zone, and leaves it behind."""
    sets = call.backend().delegation_sets
    before = set(sets)
    output = plain()
    for identity in set(sets) - before:
        del sets[identity]
    return output
