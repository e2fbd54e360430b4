"""What scenarios make first."""

import io
import json
import zipfile
from typing import Any

from tests.integration.local_aws.conftest import REGION, Cloud


def policy(*actions: str, **more: Any) -> str:
    """A policy document with one statement."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"} | more
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def role(cloud: Cloud, service: str, *actions: str) -> str:
    """The ARN of a role that a service may take and that allows the actions on everything."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": f"{service}.amazonaws.com"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn: str = cloud.iam.create_role(RoleName=f"{service}-role", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    if actions:
        cloud.iam.put_role_policy(RoleName=f"{service}-role", PolicyName="it", PolicyDocument=policy(*actions))
    return arn


def network(cloud: Cloud) -> tuple[str, list[str]]:
    """A VPC with a subnet in each of two zones."""
    vpc: str = cloud.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        cloud.ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")
        for number, zone in enumerate("ab")
    ]
    return vpc, [subnet["Subnet"]["SubnetId"] for subnet in subnets]


def group(cloud: Cloud, vpc: str, name: str = "function") -> str:
    """A security group."""
    made: str = cloud.ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    return made


def function(cloud: Cloud, **configuration: Any) -> dict[str, Any]:
    """A function whose role allows what a function in a VPC with a dead-letter queue needs."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app.py", "def handler(event, context):\n    return event\n")
    arn = role(cloud, "lambda", "ec2:CreateNetworkInterface", "sqs:SendMessage")
    given = {"FunctionName": "payments", "Role": arn, "Handler": "app.handler", "Runtime": "python3.13"}
    made: dict[str, Any] = cloud.lambda_.create_function(
        **{**given, **configuration}, Code={"ZipFile": content.getvalue()}
    )
    return made


def cluster(cloud: Cloud, **parameters: Any) -> None:
    """An Aurora cluster."""
    given = {"DBClusterIdentifier": "ledger", "Engine": "aurora-mysql", "MasterUsername": "admin"}
    password = {} if "ManageMasterUserPassword" in parameters else {"MasterUserPassword": "not-a-secret"}
    cloud.rds.create_db_cluster(**{**given, **password, **parameters})
