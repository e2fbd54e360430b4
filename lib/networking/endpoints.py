"""Interface endpoints: the AWS services that a function reaches when there is no NAT gateway."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint

from lib.region import Region
from lib.security_group import WorkloadSecurityGroup

SERVICES = ("events", "kms", "logs", "rds", "secretsmanager", "sqs", "ssm", "xray")
# What pulls an image; its layers come through the gateway endpoint of S3.
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
IMAGE_SERVICES = ("ecr.api", "ecr.dkr")
# Called only to start the approval of a payment.
WORKFLOW_SERVICE = "states"


class InterfaceEndpoints:
    """One endpoint per service in the private subnets, behind one security group."""

    def __init__(self, region: Region, *, vpc_id: str, subnet_ids: Sequence[str]) -> None:
        self.security_group = WorkloadSecurityGroup(
            region, "endpoints", vpc_id=vpc_id, description="VPC endpoints of AWS services"
        )
        services = [*SERVICES]
        if region.settings.approval_threshold is not None:
            services.append(WORKFLOW_SERVICE)
        if region.settings.runs_containers:
            services += IMAGE_SERVICES
        self.endpoints = [
            region.add(
                VpcEndpoint,
                f"{service.replace('.', '_')}_endpoint",
                vpc_id=vpc_id,
                service_name=f"com.amazonaws.{region.settings.aws_region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=list(subnet_ids),
                security_group_ids=[self.security_group.id],
                tags={"Name": region.settings.name(f"{service.replace('.', '-')}-endpoint")},
            )
            for service in services
        ]
