"""The IAM actions that the doctor needs, all of them read-only. `sts:GetCallerIdentity` needs no permission.

A policy for it: one statement that allows `ACTIONS` on `*`.
"""

from __future__ import annotations

from botocore.exceptions import ClientError

# Where AWS's action has another name than the operation:
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
_ACTIONS_OF_S3 = {
    "HeadBucket": "s3:ListBucket",
    "ListObjectsV2": "s3:ListBucket",
    "GetObject": "s3:GetObject",
    "GetBucketVersioning": "s3:GetBucketVersioning",
    "GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "ListBuckets": "s3:ListAllMyBuckets",
}
_OPERATIONS = {
    "backup": ("DescribeRegionSettings", "ListBackupPlans", "ListBackupVaults"),
    "cloudwatch": ("GetMetricStatistics",),
    "dynamodb": ("ListTables",),
    "ec2": (
        "DescribeAddresses",
        "DescribeAvailabilityZones",
        "DescribeInternetGateways",
        "DescribeNatGateways",
        "DescribeRegions",
        "DescribeSecurityGroups",
        "DescribeSubnets",
        "DescribeVpcEndpoints",
        "DescribeVpcs",
    ),
    "ecs": ("ListClusters",),
    "elasticloadbalancing": ("DescribeLoadBalancers", "DescribeTargetGroups"),
    "events": ("ListEventBuses",),
    "iam": ("GetAccountSummary",),
    "kms": ("ListKeys",),
    "lambda": ("GetAccountSettings",),
    "logs": ("DescribeLogGroups",),
    "rds": (
        "DescribeDBClusterParameterGroups",
        "DescribeDBClusters",
        "DescribeDBEngineVersions",
        "DescribeDBInstances",
        "DescribeDBProxies",
        "DescribeDBSubnetGroups",
        "DescribeOrderableDBInstanceOptions",
    ),
    "route53": ("ListHealthChecks", "ListHostedZones"),
    "secretsmanager": ("ListSecrets",),
    "servicediscovery": ("ListNamespaces",),
    "servicequotas": ("GetAWSDefaultServiceQuota", "GetServiceQuota"),
    "sns": ("ListTopics",),
    "states": ("ListStateMachines",),
    "wafv2": ("ListWebACLs",),
}
ACTION_OF_OPERATION = _ACTIONS_OF_S3 | {
    operation: f"{prefix}:{operation}" for prefix, operations in _OPERATIONS.items() for operation in operations
}
"""The action that allows an operation; no two of these operations share a name."""

ACTIONS = tuple(sorted(set(ACTION_OF_OPERATION.values())))
"""Everything the doctor needs to be allowed."""

_REFUSALS = {
    "403",
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "Forbidden",
    "UnauthorizedOperation",
}


def missing_action(error: ClientError) -> str | None:
    """The action that these credentials lack, or None for an error of another kind."""
    if error.response["Error"]["Code"] not in _REFUSALS:
        return None
    return ACTION_OF_OPERATION.get(error.operation_name, error.operation_name)
