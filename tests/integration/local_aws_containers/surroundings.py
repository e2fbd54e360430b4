"""What a service needs on a local AWS, made by calls of the API; and the calls that tests make."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import requests
from botocore.config import Config

from local_aws.server import LocalAws
from tests.integration.local_aws.conftest import ACCOUNT, REGION, Cloud
from tests.integration.local_aws_containers.sample import HEALTH_CHECK, context
from tests.integration.local_aws_containers.stack_policies import allow, document, trust

NAME = "payment"
REPOSITORY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{NAME}"
HTTP = requests.Session()
HTTP.trust_env = False


def eventually(check: Callable[[], Any], seconds: float = 60) -> Any:
    """The first true value of `check`, or its last value when the time is over."""
    deadline = time.monotonic() + seconds
    while not (value := check()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return value


@dataclass
class Surroundings:
    """A VPC, a load balancer, a repository, a project that builds, a cluster, roles, logs."""

    aws: LocalAws
    api: Cloud = field(init=False)
    subnets: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    vpc: str = ""
    balancer: dict[str, Any] = field(default_factory=dict)
    target_group: str = ""
    listener: str = ""

    def __post_init__(self) -> None:
        self.api = Cloud(self.aws.endpoint_url)

    def create(self) -> None:
        """Makes everything but the image."""
        api = self.api
        self.vpc = api.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        for number, zone in enumerate("ab"):
            made = api.ec2.create_subnet(
                VpcId=self.vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}"
            )
            self.subnets.append(made["Subnet"]["SubnetId"])
        self.groups = [api.ec2.create_security_group(GroupName=NAME, Description=NAME, VpcId=self.vpc)["GroupId"]]
        self._roles()
        self._balance()
        api.s3.create_bucket(Bucket=NAME)
        api.ecr.create_repository(repositoryName=NAME, imageTagMutability="IMMUTABLE")
        for group in ("build", "service"):
            api.logs.create_log_group(logGroupName=group)
        api.codebuild.create_project(
            name=NAME,
            source={"type": "S3", "location": f"{NAME}/context.zip"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={
                "type": "ARM_CONTAINER",
                "computeType": "BUILD_GENERAL1_SMALL",
                "image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
                "privilegedMode": True,
                "environmentVariables": [{"name": "IMAGE_REPOSITORY", "value": REPOSITORY}],
            },
            serviceRole=self.role("build"),
            logsConfig={"cloudWatchLogs": {"status": "ENABLED", "groupName": "build"}},
        )
        api.ecs.create_cluster(clusterName=NAME)

    def _roles(self) -> None:
        repository, logs = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{NAME}", f"arn:aws:logs:{REGION}:{ACCOUNT}:*"
        write = allow(["logs:CreateLogStream", "logs:PutLogEvents"], logs)
        images = allow("ecr:*", repository), allow("ecr:GetAuthorizationToken", "*")
        secrets = allow(["ssm:GetParameters", "secretsmanager:GetSecretValue"], "*")
        read = allow("s3:GetObject", f"arn:aws:s3:::{NAME}/*")
        for name, service, statements in (
            ("build", "codebuild", [write, *images, read]),
            ("execution", "ecs-tasks", [write, *images, secrets]),
            ("poor", "ecs-tasks", [write, *images]),
            ("task", "ecs-tasks", [allow("ssm:GetParameter", "*")]),
        ):
            self.api.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(service))
            self.api.iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=document(*statements))

    def _balance(self) -> None:
        elb = self.api.elbv2
        made = elb.create_load_balancer(Name=NAME, Subnets=self.subnets, SecurityGroups=self.groups)
        self.balancer = made["LoadBalancers"][0]
        self.target_group = self.new_group("blue")
        self.listener = elb.create_listener(
            LoadBalancerArn=self.balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=443,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": self.target_group}],
        )["Listeners"][0]["ListenerArn"]

    def new_group(self, name: str, **arguments: Any) -> str:
        """A target group, which drains for 5 seconds at most."""
        arn: str = self.api.elbv2.create_target_group(
            Name=name,
            Protocol="HTTP",
            Port=8080,
            VpcId=self.vpc,
            TargetType="ip",
            HealthCheckPath="/health",
            HealthCheckIntervalSeconds=15,
            HealthyThresholdCount=2,
            UnhealthyThresholdCount=2,
            **arguments,
        )["TargetGroups"][0]["TargetGroupArn"]
        delay = {"Key": "deregistration_delay.timeout_seconds", "Value": "5"}
        self.api.elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[delay])
        return arn

    def role(self, name: str) -> str:
        """The ARN of a role."""
        return f"arn:aws:iam::{ACCOUNT}:role/{name}"

    def start_build(self, tag: str, content: bytes) -> str:
        """Begins to build the image of a context; the build's id."""
        self.api.s3.put_object(Bucket=NAME, Key="context.zip", Body=content)
        variables = [{"name": "IMAGE_TAG", "value": tag}]
        started = self.api.codebuild.start_build(projectName=NAME, environmentVariablesOverride=variables)
        identity: str = started["build"]["id"]
        return identity

    def finished(self, build: str) -> dict[str, Any]:
        """A build when it has ended."""

        def ended() -> dict[str, Any] | None:
            found: dict[str, Any] = self.api.codebuild.batch_get_builds(ids=[build])["builds"][0]
            return found if found["buildComplete"] else None

        found: dict[str, Any] = eventually(ended)
        return found

    def build(self, tag: str, changed: Mapping[str, str | None] | None = None) -> str:
        """Builds the sample with the tag for its version; how that ended."""
        status: str = self.finished(self.start_build(tag, context(tag, changed=changed)))["buildStatus"]
        return status

    def define(self, tag: str, *, family: str = NAME, **changed: Any) -> str:
        """A revision of a task definition for the image; `changed` are other settings of its container."""
        roles = {"executionRoleArn": changed.pop("execution_role", self.role("execution"))}
        options = {"awslogs-group": "service", "awslogs-region": REGION, "awslogs-stream-prefix": family}
        container = {
            "name": NAME,
            "image": f"{REPOSITORY}:{tag}",
            "essential": True,
            "portMappings": [{"containerPort": 8080}],
            "stopTimeout": 5,
            "logConfiguration": {"logDriver": "awslogs", "options": options},
            "healthCheck": {"command": ["CMD-SHELL", HEALTH_CHECK], "retries": 2, "startPeriod": 10},
            **changed,
        }
        made = self.api.ecs.register_task_definition(
            family=family,
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            taskRoleArn=self.role("task"),
            containerDefinitions=[container],
            **roles,
        )
        arn: str = made["taskDefinition"]["taskDefinitionArn"]
        return arn

    @property
    def network(self) -> dict[str, Any]:
        """The network configuration of services and tasks."""
        return {"awsvpcConfiguration": {"subnets": self.subnets, "securityGroups": self.groups}}

    def serve(self, name: str, definition: str, *, count: int = 2, **arguments: Any) -> None:
        """Creates a service behind the load balancer."""
        balanced = [{"targetGroupArn": self.target_group, "containerName": NAME, "containerPort": 8080}]
        self.api.ecs.create_service(
            cluster=NAME,
            serviceName=name,
            taskDefinition=definition,
            desiredCount=count,
            **{"loadBalancers": balanced, "networkConfiguration": self.network, **arguments},
        )

    def update(self, name: str, **arguments: Any) -> None:
        """Changes a service."""
        self.api.ecs.update_service(cluster=NAME, service=name, **arguments)

    def service(self, name: str) -> dict[str, Any]:
        """A service as it is now."""
        found: dict[str, Any] = self.api.ecs.describe_services(cluster=NAME, services=[name])["services"][0]
        return found

    def steady(self, name: str) -> bool:
        """Waits until a service has its tasks and one deployment, which is completed."""

        def stable() -> bool:
            now = self.service(name)
            states = [one["rolloutState"] for one in now["deployments"]]
            return states == ["COMPLETED"] and now["runningCount"] == now["desiredCount"]

        return bool(eventually(stable))

    def tasks(self, name: str, status: str = "RUNNING") -> list[dict[str, Any]]:
        """A service's tasks: those that are to run, or those that are not."""
        ecs = self.api.ecs
        arns = ecs.list_tasks(cluster=NAME, serviceName=name, desiredStatus=status)["taskArns"]
        found: list[dict[str, Any]] = ecs.describe_tasks(cluster=NAME, tasks=arns)["tasks"] if arns else []
        return found

    def remove(self, name: str) -> None:
        """Deletes a service, and waits until it is gone."""
        self.api.ecs.delete_service(cluster=NAME, service=name, force=True)
        assert eventually(lambda: self.service(name)["status"] == "INACTIVE")

    def ask(self, path: str, method: str = "GET", host: str = "", **arguments: Any) -> requests.Response:
        """A request to the load balancer."""
        headers = {"Host": host or self.balancer["DNSName"], **arguments.pop("headers", {})}
        url = f"{self.aws.endpoint_url}{path}"
        return HTTP.request(method, url, headers=headers, timeout=30, allow_redirects=False, **arguments)

    def log(self, family: str = NAME) -> list[str]:
        """The lines that the containers of a family have written."""
        events = self.api.logs.filter_log_events(logGroupName="service", logStreamNamePrefix=f"{family}/")["events"]
        return [event["message"] for event in events]


def discovered(aws: LocalAws, namespace: str, service: str) -> dict[str, str]:
    """The health of a Cloud Map service's instances by their addresses.

    botocore puts `data-` before the host of this one operation, which no address can have.
    """
    create: Any = boto3.client
    client = create(
        "servicediscovery",
        region_name=REGION,
        endpoint_url=aws.endpoint_url,
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="secret",
        config=Config(inject_host_prefix=False),
    )
    found = client.discover_instances(NamespaceName=namespace, ServiceName=service)["Instances"]
    return {one["Attributes"]["AWS_INSTANCE_IPV4"]: one["HealthStatus"] for one in found}


def address_of(task: Mapping[str, Any]) -> str:
    """A task's own address."""
    details: dict[str, str] = {one["name"]: one["value"] for one in task["attachments"][0]["details"]}
    return details["privateIPv4Address"]


def body(answer: requests.Response) -> dict[str, Any]:
    """What the sample has said."""
    said: dict[str, Any] = json.loads(answer.content)
    return said
