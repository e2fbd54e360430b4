"""Which service and operation a request is for, and how its answer is written."""

import json
from io import BytesIO
from typing import Any

import pytest

from local_aws.calls import Call, read_call, service_name, signed_for
from local_aws.errors import AwsError

CREDENTIAL = (
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/{region}/{name}/aws4_request, SignedHeaders=host"
)


def environ(signing_name: str, method: str, path: str, body: str = "", **headers: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body.encode()),
        "HTTP_AUTHORIZATION": CREDENTIAL.format(region="eu-west-1", name=signing_name),
        **headers,
    }


def call_of(**request: str) -> Call:
    call = read_call(environ(**request))
    assert call is not None
    return call


FORM = {"CONTENT_TYPE": "application/x-www-form-urlencoded; charset=utf-8"}


def test_signature_names_key_region_and_service() -> None:
    authorization = CREDENTIAL.format(region="eu-west-1", name="SQS")
    assert signed_for(authorization) == ("AKIAIOSFODNN7EXAMPLE", "eu-west-1", "sqs")


@pytest.mark.parametrize("authorization", ["", "AWS key:signature", "Bearer token"])
def test_other_authorization_names_nothing(authorization: str) -> None:
    assert signed_for(authorization) == ("", "", "")


@pytest.mark.parametrize(
    ("signing_name", "path", "name"),
    [
        ("apigateway", "/v2/apis", "apigatewayv2"),
        ("apigateway", "/restapis", "apigateway"),
        ("monitoring", "/", "cloudwatch"),
        ("s3", "/v20180820/tags", "s3control"),
        ("rds", "/", "rds"),
    ],
)
def test_service_is_told_by_signing_name_and_path(signing_name: str, path: str, name: str) -> None:
    assert service_name(signing_name, path) == name


@pytest.mark.parametrize(
    ("target", "name"),
    [("DynamoDBStreams_20120810.GetRecords", "dynamodbstreams"), ("DynamoDB_20120810.GetItem", "dynamodb")],
)
def test_streams_are_told_apart_by_the_operation_that_the_header_names(target: str, name: str) -> None:
    assert service_name("dynamodb", "/", target) == name


def test_query_call_is_read_with_the_names_of_the_service_model() -> None:
    body = "Action=CreateDBCluster&DBClusterIdentifier=ledger&VpcSecurityGroupIds.VpcSecurityGroupId.1=sg-1"
    call = call_of(signing_name="rds", method="POST", path="/", body=body, **FORM)
    assert (call.service.service_name, call.operation, call.region) == ("rds", "CreateDBCluster", "eu-west-1")
    assert call.params == {"DBClusterIdentifier": "ledger", "VpcSecurityGroupIds": ["sg-1"]}


def test_parameters_in_the_path_are_read() -> None:
    call = call_of(signing_name="backup", method="GET", path="/backup/plans/p/selections/s")
    assert (call.operation, call.params) == ("GetBackupSelection", {"BackupPlanId": "p", "SelectionId": "s"})


def test_unknown_operation_keeps_its_name() -> None:
    call = call_of(signing_name="rds", method="POST", path="/", body="Action=FlyToTheMoon", **FORM)
    assert call.operation == "FlyToTheMoon"


@pytest.mark.parametrize("request_for", ["execute-api", "no-such-service"])
def test_request_for_no_api_of_aws_is_no_call(request_for: str) -> None:
    assert read_call(environ(request_for, "GET", "/")) is None


def test_body_can_be_read_again() -> None:
    request = environ("rds", "POST", "/", body="Action=DescribeDBClusters", **FORM)
    read_call(request)
    assert request["wsgi.input"].read() == b"Action=DescribeDBClusters"


def test_answer_reads_back_as_it_was_written() -> None:
    call = call_of(signing_name="backup", method="GET", path="/backup/plans/p/selections/s")
    output = {"SelectionId": "s", "BackupSelection": {"SelectionName": "all", "IamRoleArn": "arn"}}
    assert call.read(call.answer(output)) == output


def test_error_has_its_code_message_and_status() -> None:
    call = call_of(signing_name="backup", method="GET", path="/backup/plans/p/selections/s")
    answer = call.answer(AwsError("InvalidRequestException", "not yours", 403))
    assert answer.status == 403
    expected = {"__type": "InvalidRequestException", "Code": "InvalidRequestException", "Message": "not yours"}
    assert json.loads(answer.body) == expected
