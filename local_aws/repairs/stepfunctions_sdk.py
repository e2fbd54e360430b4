"""Repairs of Step Functions' calls of AWS's APIs: all is named as in AWS's SDK for Java, DbInstances for DBInstances.

https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from functools import cache
from typing import Any

from botocore import xform_name
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)
from moto.stepfunctions.parser.utils import camel_to_snake_case, snake_to_camel_case

from local_aws.registry import installs, patch
from local_aws.role_client import SESSION

SERVICE_NAMES = {"dynamodb": "DynamoDb"}
"""Services whose name in errors is not just theirs with a capital."""


@installs
def name_as_the_sdk_does() -> None:
    """moto hands parameters, answers and errors on as boto3 names them."""

    def parameters(task: Any, given: dict[str, Any], *_: Any) -> None:
        task._to_boto_request(given, _operation(task).input_shape)

    def response(task: Any, given: Any, *_: Any) -> None:
        task._from_boto_response(given, _operation(task).output_shape)

    patch(
        StateTaskServiceAwsSdk,
        _normalise_parameters=parameters,
        _normalise_response=response,
        _normalise_service_error_name=staticmethod(_service_name),
        _normalise_exception_name=staticmethod(_error_name),
    )


def _operation(task: Any) -> Any:
    return _model(task._get_boto_service_name(), task._get_boto_service_action())


@cache
def _model(service: str, action: str) -> Any:
    model = SESSION.get_service_model(service)
    return model.operation_model(next(name for name in model.operation_names if xform_name(name) == action))


def _service_name(service: str) -> str:
    return SERVICE_NAMES.get(service.lower()) or f"{service[:1].upper()}{service[1:]}"


def _error_name(service: str, error: Exception) -> str:
    name = type(error).__name__.removesuffix("Fault").removesuffix("Exception")
    kind = service if name == "ClientError" else snake_to_camel_case(camel_to_snake_case(name))
    return f"{service}.{kind}Exception"
