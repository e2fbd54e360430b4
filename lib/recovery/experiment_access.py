"""What the role of the experiments may do: what each action needs, and no more.

https://docs.aws.amazon.com/fis/latest/userguide/fis-actions-reference.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lib.iam import Statement
from lib.region import Region

MADE_HERE = {"StringEquals": {"aws:RequestTag/managedByFIS": "true"}}
MADE_BEFORE = {"StringEquals": {"ec2:ResourceTag/managedByFIS": "true"}}
"""FIS tags the network ACLs that it makes, and changes no other.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSFaultInjectionSimulatorNetworkAccess.html
"""


def experiment_access(
    region: Region, *, cluster_arn: str, ecs_cluster_name: str | None
) -> Mapping[str, Sequence[Statement]]:
    """Return the statements by concern; with an ECS cluster also those that stop its tasks."""
    return {
        "database": _database(region, cluster_arn),
        "network": _network(region),
        "runtime": _runtime(region),
        **({"tasks": _tasks(region, ecs_cluster_name)} if ecs_cluster_name else {}),
    }


def _database(region: Region, cluster_arn: str) -> list[Statement]:
    return [
        Statement(sid="FailOver", actions=["rds:FailoverDBCluster"], resources=[cluster_arn]),
        Statement(
            sid="FindClusters",
            actions=["rds:DescribeDBClusters", "rds:DescribeDBInstances"],
            resources=[region.arn("rds", "cluster:*"), region.arn("rds", "db:*")],
        ),
    ]


def _network(region: Region) -> list[Statement]:
    acls, vpcs = region.arn("ec2", "network-acl/*"), region.arn("ec2", "vpc/*")
    return [
        Statement(
            sid="TagOwnAcls",
            actions=["ec2:CreateTags"],
            resources=[acls],
            conditions={"StringEquals": {**MADE_HERE["StringEquals"], "ec2:CreateAction": "CreateNetworkAcl"}},
        ),
        Statement(sid="MakeAcls", actions=["ec2:CreateNetworkAcl"], resources=[acls], conditions=MADE_HERE),
        Statement(sid="MakeAclsInVpcs", actions=["ec2:CreateNetworkAcl"], resources=[vpcs]),
        Statement(
            sid="ChangeOwnAcls",
            actions=["ec2:CreateNetworkAclEntry", "ec2:DeleteNetworkAcl"],
            resources=[acls, vpcs],
            conditions=MADE_BEFORE,
        ),
        Statement(
            sid="ChangeAclsOfSubnets",
            actions=["ec2:ReplaceNetworkAclAssociation"],
            resources=[region.arn("ec2", "subnet/*"), acls],
        ),
        Statement(
            sid="ReadPrefixLists",
            actions=["ec2:GetManagedPrefixListEntries"],
            resources=[region.arn("ec2", "prefix-list/*")],
        ),
        Statement(
            sid="LookAtNetworks",
            actions=[
                "ec2:DescribeManagedPrefixLists",
                "ec2:DescribeNetworkAcls",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
            resources=["*"],  # EC2 has no resource-level permission for these.
        ),
    ]


def _runtime(region: Region) -> list[Statement]:
    return [
        # Finding by tag and delivering logs have no resource-level permission.
        # https://docs.aws.amazon.com/fis/latest/userguide/monitoring-logging.html
        Statement(sid="FindByTag", actions=["tag:GetResources"], resources=["*"]),
        Statement(
            sid="DeliverLogs",
            actions=[
                "logs:CreateLogDelivery",
                "logs:PutResourcePolicy",
                "logs:DescribeResourcePolicies",
                "logs:DescribeLogGroups",
            ],
            resources=["*"],
        ),
        Statement(
            sid="WatchAlarms", actions=["cloudwatch:DescribeAlarms"], resources=[region.arn("cloudwatch", "alarm:*")]
        ),
    ]


def _tasks(region: Region, cluster_name: str) -> list[Statement]:
    cluster_arn = region.arn("ecs", f"cluster/{cluster_name}")
    return [
        Statement(sid="FindClusters", actions=["ecs:DescribeClusters"], resources=[cluster_arn]),
        Statement(
            sid="ListTasks",
            actions=["ecs:ListTasks"],
            resources=["*"],  # A cluster is a condition of it and not its resource, for tasks without instances.
            conditions={"ArnEquals": {"ecs:cluster": cluster_arn}},
        ),
        Statement(
            sid="StopTasks",
            actions=["ecs:DescribeTasks", "ecs:StopTask"],
            resources=[region.arn("ecs", f"task/{cluster_name}/*")],
        ),
    ]
