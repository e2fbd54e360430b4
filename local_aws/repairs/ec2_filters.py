"""Repairs of EC2: filters that moto does not know."""

from typing import Any

from moto.ec2.models.vpcs import VPCEndPoint

from local_aws.registry import installs, patch


@installs
def find_endpoints_by_id() -> None:
    """moto has no filter `vpc-endpoint-id`.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpoints.html
    """
    plain = VPCEndPoint.get_filter_value

    def value(endpoint: Any, filter_name: str, method_name: str | None = None) -> Any:
        return endpoint.id if filter_name == "vpc-endpoint-id" else plain(endpoint, filter_name, method_name)

    patch(VPCEndPoint, get_filter_value=value)
