"""Security groups: one per workload, with rules that name other groups."""

from __future__ import annotations

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule

from lib.region import Region

HTTPS_PORT = 443


class WorkloadSecurityGroup:
    """The security group of one workload; closed until it is connected to another."""

    def __init__(self, region: Region, id_: str, *, vpc_id: str, description: str) -> None:
        self._region = region
        self._id = id_
        self.group = region.add(
            SecurityGroup,
            f"{id_}_security_group",
            name=region.settings.name(id_),
            description=description,
            vpc_id=vpc_id,
            revoke_rules_on_delete=True,
            tags={"Name": region.settings.name(id_)},
        )
        # What was opened for this workload to reach others, at both ends.
        self.rules: list[ITerraformDependable] = []

    @property
    def id(self) -> str:
        return self.group.id

    def may_reach(self, other: WorkloadSecurityGroup, *, port: int) -> None:
        """Open one TCP port from this workload to another, at both ends."""
        egress = self._region.add(
            VpcSecurityGroupEgressRule,
            f"{self._id}_to_{other._id}",
            security_group_id=self.id,
            referenced_security_group_id=other.id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"To {other._id} on {port}",
        )
        ingress = self._region.add(
            VpcSecurityGroupIngressRule,
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
        egress = self._region.add(
            VpcSecurityGroupEgressRule,
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
