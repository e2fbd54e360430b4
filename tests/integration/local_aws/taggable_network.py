"""`taggable`: what EC2 has."""

from collections.abc import Callable
from typing import Any

from tests.integration.local_aws.conftest import REGION, Cloud
from tests.integration.local_aws.resources import group, network, role
from tests.integration.local_aws.taggable import Made, Tags, arn, maker, pairs, plain


def specification(kind: str, tags: Tags) -> list[dict[str, Any]]:
    """Tags as EC2 takes them."""
    return [{"ResourceType": kind, "Tags": pairs(tags)}]


def _ec2(cloud: Cloud, kind: str, identity: str, delete: Callable[[], object]) -> Made:
    def tags() -> Tags:
        found = cloud.ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [identity]}])
        return plain(found["Tags"])

    return Made(arn("ec2", f"{kind}/{identity}"), tags, delete)


@maker("vpc")
def vpc(cloud: Cloud, tags: Tags) -> Made:
    made = cloud.ec2.create_vpc(CidrBlock="10.9.0.0/16", TagSpecifications=specification("vpc", tags))["Vpc"]["VpcId"]
    return _ec2(cloud, "vpc", made, lambda: cloud.ec2.delete_vpc(VpcId=made))


@maker("subnet")
def subnet(cloud: Cloud, tags: Tags) -> Made:
    home, _ = network(cloud)
    made = cloud.ec2.create_subnet(
        VpcId=home, CidrBlock="10.0.9.0/24", TagSpecifications=specification("subnet", tags)
    )["Subnet"]["SubnetId"]
    return _ec2(cloud, "subnet", made, lambda: cloud.ec2.delete_subnet(SubnetId=made))


@maker("elastic IP")
def elastic_ip(cloud: Cloud, tags: Tags) -> Made:
    made = cloud.ec2.allocate_address(Domain="vpc", TagSpecifications=specification("elastic-ip", tags))
    identity = made["AllocationId"]
    return _ec2(cloud, "elastic-ip", identity, lambda: cloud.ec2.release_address(AllocationId=identity))


@maker("NAT gateway")
def nat_gateway(cloud: Cloud, tags: Tags) -> Made:
    _, subnets = network(cloud)
    address = cloud.ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = cloud.ec2.create_nat_gateway(
        SubnetId=subnets[0], AllocationId=address, TagSpecifications=specification("natgateway", tags)
    )["NatGateway"]["NatGatewayId"]
    return _ec2(cloud, "natgateway", made, lambda: cloud.ec2.delete_nat_gateway(NatGatewayId=made))


@maker("internet gateway")
def internet_gateway(cloud: Cloud, tags: Tags) -> Made:
    made = cloud.ec2.create_internet_gateway(TagSpecifications=specification("internet-gateway", tags))
    identity = made["InternetGateway"]["InternetGatewayId"]
    delete = lambda: cloud.ec2.delete_internet_gateway(InternetGatewayId=identity)  # noqa: E731
    return _ec2(cloud, "internet-gateway", identity, delete)


@maker("route table")
def route_table(cloud: Cloud, tags: Tags) -> Made:
    home, _ = network(cloud)
    made = cloud.ec2.create_route_table(VpcId=home, TagSpecifications=specification("route-table", tags))
    identity = made["RouteTable"]["RouteTableId"]
    return _ec2(cloud, "route-table", identity, lambda: cloud.ec2.delete_route_table(RouteTableId=identity))


@maker("network ACL")
def network_acl(cloud: Cloud, tags: Tags) -> Made:
    home, _ = network(cloud)
    made = cloud.ec2.create_network_acl(VpcId=home, TagSpecifications=specification("network-acl", tags))
    identity = made["NetworkAcl"]["NetworkAclId"]
    return _ec2(cloud, "network-acl", identity, lambda: cloud.ec2.delete_network_acl(NetworkAclId=identity))


@maker("security group")
def security_group(cloud: Cloud, tags: Tags) -> Made:
    home, _ = network(cloud)
    made = cloud.ec2.create_security_group(
        GroupName="it", Description="it", VpcId=home, TagSpecifications=specification("security-group", tags)
    )["GroupId"]
    return _ec2(cloud, "security-group", made, lambda: cloud.ec2.delete_security_group(GroupId=made))


@maker("security group rule")
def security_group_rule(cloud: Cloud, tags: Tags) -> Made:
    home = group(cloud, network(cloud)[0])
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
    made = cloud.ec2.authorize_security_group_ingress(
        GroupId=home, IpPermissions=[permission], TagSpecifications=specification("security-group-rule", tags)
    )["SecurityGroupRules"][0]["SecurityGroupRuleId"]

    def delete() -> None:
        cloud.ec2.revoke_security_group_ingress(GroupId=home, SecurityGroupRuleIds=[made])

    return _ec2(cloud, "security-group-rule", made, delete)


@maker("VPC endpoint")
def vpc_endpoint(cloud: Cloud, tags: Tags) -> Made:
    home, _ = network(cloud)
    made = cloud.ec2.create_vpc_endpoint(
        VpcId=home,
        ServiceName=f"com.amazonaws.{REGION}.s3",
        TagSpecifications=specification("vpc-endpoint", tags),
    )["VpcEndpoint"]["VpcEndpointId"]
    return _ec2(cloud, "vpc-endpoint", made, lambda: cloud.ec2.delete_vpc_endpoints(VpcEndpointIds=[made]))


@maker("network interface")
def network_interface(cloud: Cloud, tags: Tags) -> Made:
    _, subnets = network(cloud)
    made = cloud.ec2.create_network_interface(
        SubnetId=subnets[0], TagSpecifications=specification("network-interface", tags)
    )["NetworkInterface"]["NetworkInterfaceId"]
    delete = lambda: cloud.ec2.delete_network_interface(NetworkInterfaceId=made)  # noqa: E731
    return _ec2(cloud, "network-interface", made, delete)


@maker("flow log")
def flow_log(cloud: Cloud, tags: Tags) -> Made:
    home, _ = network(cloud)
    cloud.logs.create_log_group(logGroupName="flow")
    made = cloud.ec2.create_flow_logs(
        ResourceIds=[home],
        ResourceType="VPC",
        TrafficType="REJECT",
        LogGroupName="flow",
        DeliverLogsPermissionArn=role(cloud, "vpc-flow-logs"),
        TagSpecifications=specification("vpc-flow-log", tags),
    )["FlowLogIds"][0]
    return _ec2(cloud, "vpc-flow-log", made, lambda: cloud.ec2.delete_flow_logs(FlowLogIds=[made]))
