"""Refuses a second audit in an account, while Terraform still plans and in whatever Region the first one is."""

from __future__ import annotations

from cdktf import Precondition, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.data_aws_iam_roles import DataAwsIamRoles
from cdktf_cdktf_provider_aws.iam_role import IamRole

from lib.region import Region

BASE = "audit"
# A role's name has the audit's Region and suffix: names of roles are the account's, and the same in every Region.
ROLE_NAME = "^payment-audit-([a-z]+(?:-[a-z]+)+-[0-9]+)-([a-z0-9-]+)$"


def only_audit(region: Region, role: IamRole) -> None:
    """Let nothing be made if the account has the role of another audit than this one, which `role` is of.

    A plan fails then, with the suffix and the Region of the one that is there.
    """
    found = region.add(DataAwsIamRoles, "audit_roles", name_regex=ROLE_NAME)
    own = region.settings.regional_name(BASE)
    others = f'setsubtract({found.fqn}.names, ["{own}"])'
    where = f'join(", ", [for name in {others} : replace(name, "/{ROLE_NAME}/", "$2 in $1")])'
    role.lifecycle = TerraformResourceLifecycle(
        precondition=[
            Precondition(
                condition=f"${{length({others}) == 0}}",
                error_message=(
                    f"This account has its audit already: ${{{where}}}. It is made once for all Regions. Nothing was "
                    "made. Change that one with its ENVIRONMENT_SUFFIX and AWS_REGION, or remove it first: "
                    "`tap env destroy SUFFIX --region REGION`."
                ),
            )
        ]
    )
