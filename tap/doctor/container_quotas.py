"""The quotas that the container architecture uses beside those that every architecture does.

Codes, as AWS names them:
Elastic Load Balancing: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
Fargate: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
"""

from __future__ import annotations

from tap.doctor.fargate import ON_DEMAND, SPOT, in_use, vcpus
from tap.doctor.quota import Quota, of
from tap.doctor.usage import listed, load_balancers, unused, web_acls

CONTAINER_QUOTAS = (
    Quota("fargate", "L-3032A538", "Fargate vCPUs on demand", vcpus(ON_DEMAND), in_use("OnDemand")),
    Quota("fargate", "L-36FBB829", "Fargate Spot vCPUs", vcpus(SPOT), in_use("Spot")),
    Quota("ecs", "L-21C621EB", "ECS clusters", of("aws_ecs_cluster"), listed("ecs", "list_clusters", "clusterArns")),
    Quota(
        "elasticloadbalancing", "L-53DA6B97", "application load balancers", of("aws_lb"), load_balancers("application")
    ),
    Quota(
        "elasticloadbalancing",
        "L-B22855CB",
        "target groups",
        of("aws_lb_target_group"),
        listed("elbv2", "describe_target_groups", "TargetGroups"),
    ),
    Quota("wafv2", "L-2EC3DE7B", "web ACLs", of("aws_wafv2_web_acl"), web_acls),
    Quota(
        "AWSCloudMap",
        "L-0FE3F50E",
        "Cloud Map namespaces",
        of("aws_service_discovery_private_dns_namespace"),
        listed("servicediscovery", "list_namespaces", "Namespaces"),
    ),
    # Builds at a time, and a deploy makes one: another deploy's waits for it.
    Quota("codebuild", "L-5ED1D25B", "builds at a time", of("aws_codebuild_project"), unused, per_environment=True),
    Quota("s3", "L-DC2B2D3D", "buckets", of("aws_s3_bucket"), listed("s3", "list_buckets", "Buckets"), is_global=True),
)
