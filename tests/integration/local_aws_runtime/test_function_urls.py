"""Requests to a function's URL, with its authorization honored."""

from typing import Any
from urllib.parse import urlsplit

from botocore.credentials import Credentials

from .http_client import Received, send, signed

REGION = "eu-central-1"
SOURCE = """
    def handler(event, context):
        if event["rawPath"] == "/fails":
            raise ValueError("inside")
        return {"statusCode": 200, "body": event["rawPath"]}
"""


def url_host(cloud: Any, function: Any, authorization: str) -> str:
    client = cloud.client("lambda")
    url = client.create_function_url_config(FunctionName=function.name, AuthType=authorization)["FunctionUrl"]
    return str(urlsplit(url).netloc)


def call(cloud: Any, host: str, key: Credentials | None = None, path: str = "/") -> Received:
    headers = signed(key, "lambda", REGION, "GET", f"https://{host}{path}", b"", {}) if key else {}
    return send(cloud.aws.port, host, "GET", path, headers=headers)


def test_a_url_with_iam_authorization_takes_signed_requests_only(cloud: Any) -> None:
    host = url_host(cloud, cloud.function(SOURCE), "AWS_IAM")
    environment = cloud.aws.environment()
    key = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    assert call(cloud, host, key, "/health").body == b"/health"
    assert call(cloud, host).status == 403
    assert call(cloud, host, Credentials(key.access_key, "wrong")).status == 403


def test_a_url_without_authorization_needs_to_be_opened_by_the_function_policy(cloud: Any) -> None:
    function = cloud.function(SOURCE)
    host = url_host(cloud, function, "NONE")
    assert call(cloud, host).status == 403
    cloud.client("lambda").add_permission(
        FunctionName=function.name,
        StatementId="everyone",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
    )
    assert call(cloud, host).status == 200
    assert call(cloud, host, path="/fails").status == 502


def test_a_url_that_does_not_exist_is_not_found(cloud: Any) -> None:
    assert call(cloud, f"abc.lambda-url.{REGION}.on.aws").status == 404
