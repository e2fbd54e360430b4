"""A running local AWS, and functions deployed to it as small real packages."""

import io
import json
import textwrap
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local_aws.server import LocalAws

REGION = "eu-central-1"
OTHER_REGION = "eu-west-1"
ACCOUNT = "123456789012"
CLIENT = Config(retries={"total_max_attempts": 1})


def package(source: str, **files: str) -> bytes:
    """A deployment package: `app.py` with this source, and other modules."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app.py", textwrap.dedent(source))
        for name, text in files.items():
            archive.writestr(f"{name}.py", textwrap.dedent(text))
    return content.getvalue()


def eventually(check: Callable[[], Any], seconds: float = 15) -> Any:
    """The first true value of `check`, or its last value when the time is over."""
    deadline = time.monotonic() + seconds
    while not (value := check()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return value


@dataclass(frozen=True)
class Cloud:
    """Clients of a local AWS, and what tests deploy there, in one Region."""

    aws: LocalAws
    region: str = REGION

    @property
    def elsewhere(self) -> "Cloud":
        """The same local AWS in another Region."""
        return Cloud(self.aws, OTHER_REGION)

    def client(self, service: str) -> Any:
        environment = self.aws.environment()
        create: Any = boto3.client
        return create(
            service,
            region_name=self.region,
            endpoint_url=self.aws.endpoint_url,
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            config=CLIENT,
        )

    def role(self, *actions: str) -> str:
        """An execution role that may do this everywhere."""
        iam, name = self.client("iam"), f"role-{uuid.uuid4().hex[:8]}"
        trusted = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        arn: str = iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
        )["Role"]["Arn"]
        if actions:
            self.allow(arn, *actions)
        return arn

    def allow(self, role: str, *actions: str) -> None:
        """Let a role do this everywhere, and nothing else from now on."""
        allowed = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        name = role.rpartition("/")[2]
        self.client("iam").put_role_policy(RoleName=name, PolicyName="allowed", PolicyDocument=document)

    def function(self, source: str, **settings: Any) -> "Function":
        """Deploys a function with the handler `handler` in this source."""
        name = settings.pop("FunctionName", f"function-{uuid.uuid4().hex[:8]}")
        files = settings.pop("files", {})
        role = settings.pop("Role", None) or self.role("logs:*", "sqs:SendMessage")
        defaults: dict[str, Any] = {"Runtime": "python3.13", "Handler": "app.handler", "Timeout": 10}
        code = {"ZipFile": package(source, **files)}
        self.client("lambda").create_function(FunctionName=name, Role=role, Code=code, **{**defaults, **settings})
        return Function(self, name)

    def queue(self) -> tuple[str, str]:
        """A queue: URL and ARN."""
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName=f"queue-{uuid.uuid4().hex[:8]}")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return url, arn

    def message(self, queue_url: str) -> dict[str, Any] | None:
        """A message that arrives in the queue within seconds."""
        sqs = self.client("sqs")

        def receive() -> list[dict[str, Any]]:
            received = sqs.receive_message(QueueUrl=queue_url, MessageAttributeNames=["All"])
            return list(received.get("Messages", []))

        messages = eventually(receive)
        return messages[0] if messages else None


@dataclass(frozen=True)
class Function:
    """A deployed function."""

    cloud: Cloud
    name: str

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:{self.cloud.region}:{ACCOUNT}:function:{self.name}"

    @property
    def log_group(self) -> str:
        return f"/aws/lambda/{self.name}"

    def invoke(self, event: Any = None, **settings: Any) -> dict[str, Any]:
        """The answer of an Invoke call, its payload read."""
        payload = json.dumps(event if event is not None else {})
        answer = self.cloud.client("lambda").invoke(FunctionName=self.name, Payload=payload, **settings)
        return {**answer, "Payload": json.loads(answer["Payload"].read() or b"null")}

    def log(self) -> list[str]:
        """The messages in the function's log group; none if there is no group."""
        logs = self.cloud.client("logs")
        try:
            events = logs.filter_log_events(logGroupName=self.log_group)["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"] for event in events]


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with LocalAws.started(tmp_path_factory.mktemp("local_aws_runtime")) as aws:
        yield Cloud(aws)


@pytest.fixture
def until() -> Callable[..., Any]:
    return eventually


@pytest.fixture
def repackaged() -> Callable[[str], bytes]:
    return package


@pytest.fixture
def connected() -> type[Cloud]:
    return Cloud
