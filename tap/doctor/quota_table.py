"""The quotas that an environment uses, and how each is counted in the design and in the account.

Codes, as AWS names them:
VPC: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
RDS: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html
IAM, Secrets Manager: https://docs.aws.amazon.com/eks/latest/best-practices/known_limits_and_service_quotas.html
the others, as ListAWSDefaultServiceQuotas listed them in January 2026:
https://github.com/gruntwork-io/terraform-aws-utilities/blob/main/modules/request-quota-increase/variables.tf
"""

from __future__ import annotations

from tap.doctor.container_quotas import CONTAINER_QUOTAS
from tap.doctor.quota import Quota, number, of
from tap.doctor.usage import (
    account_summary,
    cluster_parameter_groups,
    concurrency,
    listed,
    nat_gateways,
    unused,
)

QUOTAS = (
    Quota("vpc", "L-F678F1CE", "VPCs", of("aws_vpc"), listed("ec2", "describe_vpcs", "Vpcs")),
    Quota("ec2", "L-0263D0A3", "elastic IP addresses", of("aws_eip"), listed("ec2", "describe_addresses", "Addresses")),
    Quota("vpc", "L-FE5A380F", "NAT gateways in a zone", lambda design: design.nat_gateways, nat_gateways),
    Quota(
        "vpc",
        "L-A4707A72",
        "internet gateways",
        of("aws_internet_gateway"),
        listed("ec2", "describe_internet_gateways", "InternetGateways"),
    ),
    Quota(
        "vpc",
        "L-29B6F2EB",
        "interface endpoints of a VPC",
        number(lambda design: design.vpc_endpoints["Interface"]),
        unused,
        per_environment=True,
    ),
    Quota(
        "vpc",
        "L-1B52E74A",
        "gateway endpoints",
        number(lambda design: design.vpc_endpoints["Gateway"]),
        listed(
            "ec2",
            "describe_vpc_endpoints",
            "VpcEndpoints",
            Filters=[{"Name": "vpc-endpoint-type", "Values": ["Gateway"]}],
        ),
    ),
    # Each VPC comes with a security group of its own.
    Quota(
        "vpc",
        "L-E79EC296",
        "security groups",
        of("aws_security_group", "aws_vpc"),
        listed("ec2", "describe_security_groups", "SecurityGroups"),
    ),
    Quota(
        "rds", "L-952B80B8", "DB clusters", of("aws_rds_cluster"), listed("rds", "describe_db_clusters", "DBClusters")
    ),
    # Global databases have no quota of their own: each of their clusters counts in its Region.
    Quota(
        "rds",
        "L-7B6409FD",
        "DB instances",
        of("aws_rds_cluster_instance"),
        listed("rds", "describe_db_instances", "DBInstances"),
    ),
    Quota(
        "rds",
        "L-E4C808A8",
        "DB cluster parameter groups",
        of("aws_rds_cluster_parameter_group"),
        cluster_parameter_groups,
    ),
    Quota(
        "rds",
        "L-48C6BF61",
        "DB subnet groups",
        of("aws_db_subnet_group"),
        listed("rds", "describe_db_subnet_groups", "DBSubnetGroups"),
    ),
    Quota("rds", "L-D94C7EA3", "RDS proxies", of("aws_db_proxy"), listed("rds", "describe_db_proxies", "DBProxies")),
    Quota(
        "lambda",
        "L-B99A9384",
        "reserved Lambda concurrency",
        number(lambda design: design.reserved_concurrency),
        concurrency,
    ),
    Quota("iam", "L-FE177D64", "IAM roles", of("aws_iam_role"), account_summary("Roles"), is_global=True),
    Quota("iam", "L-E95E4862", "IAM policies", of("aws_iam_policy"), account_summary("Policies"), is_global=True),
    Quota(
        "kms", "L-C2F1777E", "KMS keys", of("aws_kms_key", "aws_kms_replica_key"), listed("kms", "list_keys", "Keys")
    ),
    Quota(
        "dynamodb",
        "L-F98FE922",
        "DynamoDB tables",
        of("aws_dynamodb_table"),
        listed("dynamodb", "list_tables", "TableNames"),
    ),
    Quota(
        "secretsmanager",
        "L-2F66C23C",
        "secrets",
        number(lambda design: design.secrets),
        listed("secretsmanager", "list_secrets", "SecretList", IncludePlannedDeletion=True),
    ),
    Quota(
        "route53",
        "L-4EA4796A",
        "hosted zones",
        of("aws_route53_zone"),
        listed("route53", "list_hosted_zones", "HostedZones"),
        is_global=True,
    ),
    Quota(
        "route53",
        "L-ACB674F3",
        "health checks",
        of("aws_route53_health_check"),
        listed("route53", "list_health_checks", "HealthChecks"),
        is_global=True,
    ),
    Quota(
        "events",
        "L-658A4FD9",
        "event buses",
        of("aws_cloudwatch_event_bus"),
        listed("events", "list_event_buses", "EventBuses"),
    ),
    Quota(
        "logs",
        "L-C7B9AAAB",
        "log groups",
        of("aws_cloudwatch_log_group"),
        listed("logs", "describe_log_groups", "logGroups"),
    ),
    Quota("sns", "L-61103206", "SNS topics", of("aws_sns_topic"), listed("sns", "list_topics", "Topics")),
    Quota(
        "backup",
        "L-BD69F607",
        "backup plans",
        of("aws_backup_plan"),
        listed("backup", "list_backup_plans", "BackupPlansList"),
    ),
    Quota(
        "backup",
        "L-7705D2CB",
        "backup vaults",
        of("aws_backup_vault"),
        listed("backup", "list_backup_vaults", "BackupVaultList"),
    ),
    Quota(
        "states",
        "L-B66B0F91",
        "state machines",
        of("aws_sfn_state_machine"),
        listed("stepfunctions", "list_state_machines", "stateMachines"),
    ),
    *CONTAINER_QUOTAS,
)
