"""What makes resources under one name and with one set of tags, and what others are made in or with."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

from tap.account import Account

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]}
)
ACCOUNT = "123456789012"


@dataclass
class Maker:
    """`name` is a part of every name that is made."""

    account: Account
    name: str
    tags: dict[str, str]

    def __getattr__(self, service: str) -> Any:
        """The client of a service; `lambda_` for Lambda."""
        return self.account.client(service.rstrip("_").replace("__", "-"))

    @property
    def pairs(self) -> list[dict[str, str]]:
        return [{"Key": key, "Value": value} for key, value in self.tags.items()]

    @property
    def lower(self) -> list[dict[str, str]]:
        return [{"key": key, "value": value} for key, value in self.tags.items()]

    def specification(self, type_: str) -> list[dict[str, Any]]:
        return [{"ResourceType": type_, "Tags": self.pairs}]

    @property
    def role_arn(self) -> str:
        """Of the role that `role` makes."""
        return f"arn:aws:iam::{ACCOUNT}:role/payment-{self.name}"

    def ec2_arn(self, rest: str) -> str:
        return f"arn:aws:ec2:{self.account.region}:{ACCOUNT}:{rest}"

    def vpc(self) -> str:
        vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=self.specification("vpc"))
        return str(vpc["Vpc"]["VpcId"])

    def subnet(self, vpc: str = "", cidr: str = "10.0.1.0/24", zone: str = "a") -> str:
        made = self.ec2.create_subnet(
            VpcId=vpc or self.vpc(),
            CidrBlock=cidr,
            AvailabilityZone=f"{self.account.region}{zone}",
            TagSpecifications=self.specification("subnet"),
        )
        return str(made["Subnet"]["SubnetId"])

    def role(self) -> str:
        made = self.iam.create_role(RoleName=f"payment-{self.name}", AssumeRolePolicyDocument=TRUST, Tags=self.pairs)
        return str(made["Role"]["Arn"])

    def function(self) -> str:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("index.py", "def handler(event, context): return event")
        made = self.lambda_.create_function(
            FunctionName=f"payment-{self.name}",
            Role=self.role(),
            Runtime="python3.13",
            Handler="index.handler",
            Code={"ZipFile": packed.getvalue()},
            Tags=self.tags,
        )
        return str(made["FunctionArn"])

    def queue(self) -> str:
        url = self.sqs.create_queue(QueueName=f"payment-{self.name}", tags=self.tags)["QueueUrl"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        return str(attributes["QueueArn"])

    def key(self) -> str:
        tags = [{"TagKey": key, "TagValue": value} for key, value in self.tags.items()]
        return str(self.kms.create_key(Tags=tags)["KeyMetadata"]["Arn"])

    def cluster(self) -> str:
        made = self.rds.create_db_cluster(
            DBClusterIdentifier=f"payment-{self.name}",
            Engine="aurora-mysql",
            MasterUsername="ledger",
            MasterUserPassword="correct-horse-battery",
            Tags=self.pairs,
        )
        return str(made["DBCluster"]["DBClusterArn"])

    def bus(self) -> str:
        return str(self.events.create_event_bus(Name=f"payment-{self.name}", Tags=self.pairs)["EventBusArn"])

    def api(self) -> str:
        made = self.apigatewayv2.create_api(Name=f"payment-{self.name}", ProtocolType="HTTP", Tags=self.tags)
        return f"arn:aws:apigateway:{self.account.region}::/apis/{made['ApiId']}"

    def balancer(self) -> str:
        vpc = self.vpc()
        subnets = [self.subnet(vpc), self.subnet(vpc, "10.0.2.0/24", "b")]
        made = self.elbv2.create_load_balancer(Name=f"payment-{self.name}", Subnets=subnets, Tags=self.pairs)
        return str(made["LoadBalancers"][0]["LoadBalancerArn"])
