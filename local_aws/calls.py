"""One AWS API call: which service and operation a request is for, its parameters, and how its answer is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import Any

from botocore.exceptions import UnknownServiceError
from botocore.parsers import create_parser
from moto.awslambda.utils import get_backend as get_lambda_backend
from moto.backends import get_backend
from moto.core.model import OperationModel, ServiceModel
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import XFormedAttributePicker, get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

from local_aws.errors import AwsError

SERVICES_BY_SIGNING_NAME = {
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "servicequotas": "service-quotas",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}
"""Services whose requests are signed under another name than botocore's. API Gateway is told apart by its path."""

GLOBAL_SERVICES = frozenset({"iam", "route53", "s3", "sts"})
"""Services whose state moto keeps once per partition instead of once per Region."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Call:
    """A request to an AWS API. `operation` is empty where the service has no such operation."""

    request: Request
    service: ServiceModel
    operation: str
    region: str
    account_id: str
    path_parameters: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def model(self) -> OperationModel:
        """The operation in botocore's service model."""
        known = self.operation in self.service.operation_names
        found: OperationModel = (
            self.service.operation_model(self.operation) if known else OperationModel({}, self.service)
        )
        return found

    @cached_property
    def protocol(self) -> str:
        """The protocol of this request: a service may speak several."""
        return determine_request_protocol(self.service, self.request.content_type)

    @cached_property
    def params(self) -> dict[str, Any]:
        """The operation's input, named as in the service model."""
        parser = PROTOCOL_PARSERS[self.protocol](self.model)
        parsed: dict[str, Any] = parser.parse(
            {
                "method": self.request.method,
                "values": self.request.values,
                "headers": self.request.headers,
                "body": self.request.data,
                "url_path": self.request.path,
                "url_params": self.path_parameters,
            }
        )
        return parsed

    def backend(self, service: str = "", region: str = "") -> Any:
        """moto's backend of a service (this one's by default) for this account and Region (this one by default)."""
        name = service or str(self.service.service_name)
        if name == "lambda":
            return get_lambda_backend(self.account_id, region or self.region)
        backends: Any = get_backend(name)  # type: ignore[call-overload]
        return backends[self.account_id]["global" if name in GLOBAL_SERVICES else region or self.region]

    def collection(self, name: str) -> dict[str, Any]:
        """A collection of ours that lives in this service's backend, and is reset with it."""
        found: dict[str, Any] = vars(self.backend()).setdefault(name, {})
        return found

    def arn(self, resource: str) -> str:
        """The ARN of a resource of this service, in this account and Region."""
        return f"arn:aws:{self.service.signing_name}:{self.region}:{self.account_id}:{resource}"

    def answer(self, result: object) -> Answer:
        """The answer that carries `result`: the operation's output, moto's own objects in it too, or an exception."""
        serializer = get_serializer_class(str(self.service.service_name), self.protocol)
        serialized = serializer(operation_model=self.model, value_picker=XFormedAttributePicker()).serialize(result)
        body = serialized["body"]
        status = result.status if isinstance(result, AwsError) else serialized["status_code"]
        return Answer(status, dict(serialized["headers"]), body if isinstance(body, bytes) else body.encode())

    def read(self, answer: Answer) -> dict[str, Any]:
        """The output that `answer` carries."""
        parser = create_parser(self.protocol)
        response = {"status_code": answer.status, "headers": answer.headers, "body": answer.body, "context": {}}
        shape: Any = self.model.output_shape
        parsed: dict[str, Any] = parser.parse(response, shape)
        parsed.pop("ResponseMetadata", None)
        return parsed


def signed_for(authorization: str) -> tuple[str, str, str]:
    """Access key, Region and signing name of a request; empty where it has no Signature Version 4 credentials."""
    _, _, credential = authorization.partition("Credential=")
    parts = credential.split(",")[0].split("/")
    return (parts[0], parts[2], parts[3].lower()) if len(parts) == 5 else ("", "", "")


def service_name(signing_name: str, path: str, target: str = "") -> str:
    """botocore's name of the service that a request is for, by its path or by the operation that its header names."""
    if signing_name == "dynamodb" and target.startswith("DynamoDBStreams_"):
        return "dynamodbstreams"
    if signing_name == "apigateway":
        return "apigatewayv2" if path.startswith("/v2/") else "apigateway"
    if signing_name == "s3" and path.startswith("/v20180820/"):
        return "s3control"
    if signing_name == "ses":
        return "sesv2" if path.startswith("/v2/") else "ses"
    return SERVICES_BY_SIGNING_NAME.get(signing_name, signing_name)


def read_call(environ: dict[str, Any]) -> Call | None:
    """The AWS call in a WSGI environment, or None where it is none (not signed, or no known service)."""
    key, region, signing_name = signed_for(environ.get("HTTP_AUTHORIZATION", ""))
    path, target = environ.get("PATH_INFO", ""), environ.get("HTTP_X_AMZ_TARGET", "")
    try:
        service = get_service_model(service_name(signing_name, path, target)) if key else None
    except UnknownServiceError:
        service = None
    if service is None:
        return None
    body = _buffered(environ)
    request = Request({**environ, "wsgi.input": BytesIO(body)})
    call = Call(request, service, "", region, DEFAULT_ACCOUNT_ID)
    try:
        model, call.path_parameters = get_service_router(str(service.service_name)).match(request)
        call.operation = str(model.name)
    except (NotFound, NotImplementedError):
        call.operation = _named_operation(request)
    return call


def _named_operation(request: Request) -> str:
    """The operation's name as the request gives it, where the service model does not know it."""
    target: str = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
    return target or str(request.values.get("Action", ""))


def _buffered(environ: dict[str, Any]) -> bytes:
    """The body, read once and put back for moto to read again. A chunked body stays with moto."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if environ.get("wsgi.input_terminated") or not length.isdigit():
        return b""
    body: bytes = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    return body
