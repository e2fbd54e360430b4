"""Security groups: one per workload, with rules that name other groups."""

from __future__ import annotations

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct

from lib.settings import Settings

HTTPS_PORT = 443


class WorkloadSecurityGroup:
    """The security group of one workload; closed until it is connected to another."""

    def __init__(self, scope: Construct, id_: str, *, settings: Settings, vpc_id: str, description: str) -> None:
        self._scope = scope
        self._id = id_
        self.group = SecurityGroup(
            scope,
            f"{id_}_security_group",
            name=settings.name(id_),
            description=description,
            vpc_id=vpc_id,
            revoke_rules_on_delete=True,
            tags={"Name": settings.name(id_)},
        )
        # What was opened for this workload to reach others, at both ends.
        self.rules: list[ITerraformDependable] = []

    @property
    def id(self) -> str:
        return self.group.id

    def may_reach(self, other: WorkloadSecurityGroup, *, port: int) -> None:
        """Open one TCP port from this workload to another, at both ends."""
        egress = VpcSecurityGroupEgressRule(
            self._scope,
            f"{self._id}_to_{other._id}",
            security_group_id=self.id,
            referenced_security_group_id=other.id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"To {other._id} on {port}",
        )
        ingress = VpcSecurityGroupIngressRule(
            self._scope,
            f"{other._id}_from_{self._id}",
            security_group_id=other.id,
            referenced_security_group_id=self.id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"From {self._id} on {port}",
        )
        self.rules += [egress, ingress]

    def may_reach_https(
        self, id_: str, *, description: str, cidr: str | None = None, prefix_list: str | None = None
    ) -> None:
        """Open HTTPS from this workload to addresses, or to a prefix list such as a gateway endpoint's."""
        egress = VpcSecurityGroupEgressRule(
            self._scope,
            f"{self._id}_to_{id_}",
            security_group_id=self.id,
            cidr_ipv4=cidr,
            prefix_list_id=prefix_list,
            ip_protocol="tcp",
            from_port=HTTPS_PORT,
            to_port=HTTPS_PORT,
            description=description,
        )
        self.rules.append(egress)
