"""What AWS is known to refuse the first time, and to do when it is asked again a little later."""

from __future__ import annotations

import re

from tap.terraform_errors import StateLockedError, TerraformError, TerraformInterruptedError

# Error codes and texts, each with why it passes. A bucket or zone that is not empty is none: that is swept.
REFUSED_FIRST = {
    # Network interfaces of functions and endpoints outlive them for a while, and keep subnets and security groups:
    # https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html
    "DependencyViolation": "something in the VPC is still being released",
    "InvalidParameterValue: Network interface .* is currently in use": "an interface is still being released",
    # IAM sees a change everywhere only after a while:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
    "DeleteConflict": "IAM still sees an attachment that is gone",
    # A backup may end between the emptying of the vault and its removal:
    # https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteBackupVault.html
    "cannot be deleted.*recovery points|vault.*not empty": "a backup ended while its vault was emptied",
    "PriorRequestNotComplete": "Route 53 still works on the change before",
    # An action that goes on keeps a cluster, table or function as it is, until it ends:
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBCluster.html
    "Invalid(DB|Global)ClusterStateFault|InvalidDBInstanceState": "the database still works on something else",
    "InvalidClusterStateFault|ResourceInUseException|ResourceConflictException": "another change still goes on",
    "ThrottlingException|Throttling:|TooManyRequests|Rate exceeded|SlowDown": "AWS asks for fewer calls",
}
_PASSING = {re.compile(pattern, re.DOTALL | re.IGNORECASE): reason for pattern, reason in REFUSED_FIRST.items()}


def why_it_passes(error: BaseException) -> str | None:
    """Why the run is worth to be repeated, None if it is not: a lock, an interruption, or what stays refused."""
    if not isinstance(error, TerraformError) or isinstance(error, StateLockedError | TerraformInterruptedError):
        return None
    for diagnostic in error.diagnostics:
        for pattern, reason in _PASSING.items():
            if pattern.search(f"{diagnostic.summary}\n{diagnostic.detail}"):
                return reason
    return None
