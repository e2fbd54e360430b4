"""Makes parts of networks: each returns the ARN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.unit.tap_removal.maker import Maker


def nat_gateway(make: Maker) -> str:
    made = make.ec2.create_nat_gateway(
        SubnetId=make.subnet(), ConnectivityType="private", TagSpecifications=make.specification("natgateway")
    )
    return make.ec2_arn(f"natgateway/{made['NatGateway']['NatGatewayId']}")


def endpoint(make: Maker) -> str:
    made = make.ec2.create_vpc_endpoint(
        VpcId=make.vpc(),
        VpcEndpointType="Gateway",
        ServiceName=f"com.amazonaws.{make.account.region}.s3",
        TagSpecifications=make.specification("vpc-endpoint"),
    )
    return make.ec2_arn(f"vpc-endpoint/{made['VpcEndpoint']['VpcEndpointId']}")


def flow_log(make: Maker) -> str:
    make.logs.create_log_group(logGroupName=f"/aws/vpc/{make.name}")
    made = make.ec2.create_flow_logs(
        ResourceIds=[make.vpc()],
        ResourceType="VPC",
        TrafficType="ALL",
        LogGroupName=f"/aws/vpc/{make.name}",
        DeliverLogsPermissionArn=make.role(),
        TagSpecifications=make.specification("vpc-flow-log"),
    )
    return make.ec2_arn(f"vpc-flow-log/{made['FlowLogIds'][0]}")


def gateway(make: Maker) -> str:
    made = make.ec2.create_internet_gateway(TagSpecifications=make.specification("internet-gateway"))
    identity = made["InternetGateway"]["InternetGatewayId"]
    make.ec2.attach_internet_gateway(InternetGatewayId=identity, VpcId=make.vpc())
    return make.ec2_arn(f"internet-gateway/{identity}")


def group(make: Maker) -> str:
    made = make.ec2.create_security_group(
        GroupName=make.name,
        Description="For a test",
        VpcId=make.vpc(),
        TagSpecifications=make.specification("security-group"),
    )
    return make.ec2_arn(f"security-group/{made['GroupId']}")


def rule(make: Maker) -> str:
    of_group = group(make).rpartition("/")[2]
    made = make.ec2.authorize_security_group_ingress(
        GroupId=of_group,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
        ],
        TagSpecifications=make.specification("security-group-rule"),
    )
    return make.ec2_arn(f"security-group-rule/{made['SecurityGroupRules'][0]['SecurityGroupRuleId']}")


def simple_ec2(operation: str, output: str, identity: str, kind: str, **needs: Callable[[Maker], str]) -> Any:
    def make_it(make: Maker) -> str:
        arguments = {name: value(make) for name, value in needs.items()}
        made = getattr(make.ec2, operation)(**arguments, TagSpecifications=make.specification(kind))
        return make.ec2_arn(f"{kind}/{(made[output] if output else made)[identity]}")

    return make_it


def target_group(make: Maker) -> str:
    made = make.elbv2.create_target_group(
        Name=f"payment-{make.name}", Protocol="HTTP", Port=80, VpcId=make.vpc(), Tags=make.pairs
    )
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def listener_rule(make: Maker) -> str:
    made = make.elbv2.create_rule(
        ListenerArn=listener(make),
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/payments"]}],
        Actions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
        Tags=make.pairs,
    )
    return str(made["Rules"][0]["RuleArn"])


def listener(make: Maker) -> str:
    made = make.elbv2.create_listener(
        LoadBalancerArn=make.balancer(),
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": target_group(make)}],
        Tags=make.pairs,
    )
    return str(made["Listeners"][0]["ListenerArn"])
