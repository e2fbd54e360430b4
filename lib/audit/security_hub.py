"""Security Hub: the account measured against standards, and what other services find in one list."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.securityhub_account import SecurityhubAccount
from cdktf_cdktf_provider_aws.securityhub_standards_subscription import SecurityhubStandardsSubscription

from lib.region import Region

# https://docs.aws.amazon.com/securityhub/latest/userguide/standards-reference.html
STANDARDS = {
    "best_practices_standard": "aws-foundational-security-best-practices/v/1.0.0",
    "payment_card_standard": "pci-dss/v/4.0.1",
}


class SecurityHub:
    """The Region's hub. AWS takes one for each account and Region: a second is refused.

    Nearly all controls of its standards read what AWS Config records; without a recorder they find nothing.
    https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-setup-prereqs.html
    """

    def __init__(self, region: Region, *, after: Sequence[ITerraformDependable]) -> None:
        """`after`: what must be there first, where it is made here: the recorder."""
        self.hub = region.add(
            SecurityhubAccount,
            "security_hub",
            # Those that are wanted are named, and no others come on by themselves.
            enable_default_standards=False,
            auto_enable_controls=True,
            control_finding_generator="SECURITY_CONTROL",
            depends_on=list(after) or None,
        )
        for id_, standard in STANDARDS.items():
            region.add(
                SecurityhubStandardsSubscription,
                id_,
                standards_arn=f"arn:{region.partition}:securityhub:{region.name}::standards/{standard}",
                depends_on=[self.hub],
            )

    def outputs(self) -> dict[str, str]:
        return {"security_hub_arn": self.hub.arn}
