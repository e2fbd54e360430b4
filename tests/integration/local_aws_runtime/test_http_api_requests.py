"""Requests to a deployed HTTP API reach the deployed function, as far as API Gateway would let them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.credentials import Credentials

from .http_client import Received, send, signed

REGION = "eu-central-1"
ECHO = """
    import json

    def handler(event, context):
        if event["rawPath"] == "/fails":
            raise ValueError("secret inside")
        if event["rawPath"] == "/odd":
            return {"statusCode": 200, "body": {"not": "a string"}}
        if event["rawPath"] == "/plain":
            return {"inferred": True}
        body = json.dumps(event)
        return {"statusCode": 201, "headers": {"X-Own": "1", "content-type": "application/json"},
                "cookies": ["a=1", "b=2"], "body": body}
"""
FORMAT = '{"id":"$context.requestId","route":"$context.routeKey","status":"$context.status",' + (
    '"ip":"$context.identity.sourceIp","error":"$context.integrationErrorMessage","none":"$context.authorizer.error"}'
)


@dataclass(frozen=True)
class HttpApi:
    """A deployed API and its function."""

    cloud: Any
    function: Any
    id: str
    host: str

    def request(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Received:
        return send(self.cloud.aws.port, self.host, method, path, body, headers)

    def signed_request(
        self, method: str, path: str, credentials: Credentials, body: bytes = b"", service: str = "execute-api"
    ) -> Received:
        sent = {"Content-Type": "application/json"}
        headers = signed(credentials, service, REGION, method, f"https://{self.host}{path}", body, sent)
        return self.request(method, path, body, headers)

    def route(self, key: str, authorization: str = "NONE", function: Any = None) -> None:
        client = self.cloud.client("apigatewayv2")
        integration = client.create_integration(
            ApiId=self.id,
            IntegrationType="AWS_PROXY",
            IntegrationUri=(function or self.function).arn,
            PayloadFormatVersion="2.0",
        )["IntegrationId"]
        client.create_route(
            ApiId=self.id, RouteKey=key, AuthorizationType=authorization, Target=f"integrations/{integration}"
        )

    def grant(self, function: Any) -> None:
        self.cloud.client("lambda").add_permission(
            FunctionName=function.name,
            StatementId="api",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=f"arn:aws:execute-api:{REGION}:123456789012:{self.id}/*",
        )


def deploy(cloud: Any, **stage: Any) -> HttpApi:
    client = cloud.client("apigatewayv2")
    api = client.create_api(Name="payments", ProtocolType="HTTP")
    client.create_stage(ApiId=api["ApiId"], StageName="$default", AutoDeploy=True, **stage)
    deployed = HttpApi(cloud, cloud.function(ECHO), api["ApiId"], urlsplit(api["ApiEndpoint"]).netloc)
    deployed.grant(deployed.function)
    return deployed


@pytest.fixture(scope="module")
def api(cloud: Any) -> HttpApi:
    cloud.client("logs").create_log_group(logGroupName="/api/access")
    arn = f"arn:aws:logs:{REGION}:123456789012:log-group:/api/access"
    deployed = deploy(cloud, AccessLogSettings={"DestinationArn": arn, "Format": FORMAT})
    for key in ("GET /health", "POST /payments", "GET /payments/{payment_id}", "ANY /files/{path+}"):
        deployed.route(key)
    for key in ("GET /fails", "GET /odd", "GET /plain"):
        deployed.route(key)
    deployed.route("POST /guarded", "AWS_IAM")
    return deployed


@pytest.fixture(scope="module")
def key(cloud: Any) -> Credentials:
    environment = cloud.aws.environment()
    return Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])


def user_key(cloud: Any, name: str, **allowed: Any) -> Credentials:
    iam = cloud.client("iam")
    iam.create_user(UserName=name)
    if allowed:
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **allowed}]}
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=json.dumps(document))
    created = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(created["AccessKeyId"], created["SecretAccessKey"])


def test_a_request_becomes_an_event_of_format_2(api: HttpApi) -> None:
    answer = api.request("GET", "/payments/p%201?a=1&a=2&b=x%20y", headers={"Cookie": "c=1; d=2", "X-One": "1"})
    event = answer.json
    assert (event["version"], event["routeKey"]) == ("2.0", "GET /payments/{payment_id}")
    assert event["pathParameters"] == {"payment_id": "p 1"}
    assert event["queryStringParameters"] == {"a": "1,2", "b": "x y"}
    assert event["rawQueryString"] == "a=1&a=2&b=x%20y"
    assert event["cookies"] == ["c=1", "d=2"]
    assert event["headers"]["x-one"] == "1"
    assert event["requestContext"]["http"]["method"] == "GET"
    assert event["requestContext"]["domainName"] == api.host
    assert "body" not in event


def test_an_answer_of_the_function_becomes_the_http_answer(api: HttpApi) -> None:
    answer = api.request("POST", "/payments", b'{"amount": 1}', {"Content-Type": "application/json"})
    assert answer.status == 201
    assert answer.headers["x-own"] == "1"
    assert answer.headers.get_all("set-cookie") == ["a=1", "b=2"]
    assert answer.json["body"] == '{"amount": 1}'
    assert answer.headers["apigw-requestid"] == answer.json["requestContext"]["requestId"]


def test_an_answer_without_a_status_is_the_body(api: HttpApi) -> None:
    answer = api.request("GET", "/plain")
    assert (answer.status, answer.json) == (200, {"inferred": True})


def test_what_is_not_text_arrives_encoded(api: HttpApi) -> None:
    event = api.request("PUT", "/files/a/b.bin", b"\xff\x00", {"Content-Type": "application/octet-stream"}).json
    assert (event["isBase64Encoded"], event["body"]) == (True, "/wA=")
    assert event["pathParameters"] == {"path": "a/b.bin"}


@pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("DELETE", "/health"), ("GET", "/health/deep")])
def test_a_request_without_a_route_is_not_found(api: HttpApi, method: str, path: str) -> None:
    answer = api.request(method, path)
    assert (answer.status, answer.json) == (404, {"message": "Not Found"})


@pytest.mark.parametrize("path", ["/fails", "/odd"])
def test_a_fault_of_the_function_is_not_shown(api: HttpApi, path: str) -> None:
    answer = api.request("GET", path)
    assert (answer.status, answer.json) == (500, {"message": "Internal Server Error"})


def test_without_permission_for_the_api_the_function_is_not_invoked(api: HttpApi, cloud: Any) -> None:
    function = cloud.function(ECHO)
    api.route("GET /forbidden", function=function)
    answer = api.request("GET", "/forbidden")
    assert (answer.status, answer.json) == (500, {"message": "Internal Server Error"})
    assert function.log() == []


def test_a_body_over_the_limit_is_refused(api: HttpApi) -> None:
    assert api.request("POST", "/payments", b"x" * (10 * 1024 * 1024 + 1)).status == 413


def test_a_signed_request_reaches_a_guarded_route(api: HttpApi, key: Credentials) -> None:
    answer = api.signed_request("POST", "/guarded?b=2&a=%20", key, b'{"amount": 1}')
    assert answer.status == 201
    assert answer.json["requestContext"]["authorizer"]["iam"]["accessKey"] == key.access_key


def test_other_requests_do_not(api: HttpApi, key: Credentials) -> None:
    wrong_secret = Credentials(key.access_key, "wrong")
    unknown_key = Credentials("AKIANOBODY", key.secret_key)
    headers = signed(key, "execute-api", REGION, "POST", f"https://{api.host}/guarded", b"{}", {})
    answers = [
        api.request("POST", "/guarded", b"{}"),
        api.signed_request("POST", "/guarded", wrong_secret, b"{}"),
        api.signed_request("POST", "/guarded", unknown_key, b"{}"),
        api.signed_request("POST", "/guarded", key, b"{}", service="lambda"),
        api.request("POST", "/guarded", b'{"changed": 1}', headers),
        api.request("POST", "/guarded?changed=1", b"{}", headers),
        api.request("POST", "/guarded", b"{}", {**headers, "Authorization": "Bearer x"}),
    ]
    assert [(answer.status, answer.json) for answer in answers] == [(403, {"message": "Forbidden"})] * 7


def test_a_user_needs_a_policy_for_the_route(api: HttpApi, cloud: Any) -> None:
    resource = f"arn:aws:execute-api:{REGION}:123456789012:{api.id}/*/POST/guarded"
    allowed = user_key(cloud, "allowed", Action="execute-api:Invoke", Resource=resource)
    nobody = user_key(cloud, "nobody")
    assert api.signed_request("POST", "/guarded", allowed, b"{}").status == 201
    assert api.signed_request("POST", "/guarded", nobody, b"{}").status == 403


def test_a_stage_throttles_its_routes(cloud: Any) -> None:
    api = deploy(cloud, DefaultRouteSettings={"ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 0.01})
    api.route("GET /health")
    answers = [api.request("GET", "/health") for _ in range(3)]
    assert [answer.status for answer in answers] == [201, 201, 429]
    assert answers[2].json == {"message": "Too Many Requests"}


def test_requests_are_in_the_access_log(api: HttpApi, cloud: Any) -> None:
    request_id = api.request("GET", "/health").headers["apigw-requestid"]
    failed_id = api.request("GET", "/fails").headers["apigw-requestid"]
    events = cloud.client("logs").filter_log_events(logGroupName="/api/access")["events"]
    lines = {line["id"]: line for line in (json.loads(event["message"]) for event in events)}
    assert lines[request_id] == {
        "id": request_id, "route": "GET /health", "status": "201", "ip": "127.0.0.1", "error": "-", "none": "-"
    }  # fmt: skip
    assert lines[failed_id]["error"] == "The function failed: secret inside"


def test_a_custom_domain_reaches_the_mapped_stage(api: HttpApi, cloud: Any) -> None:
    client, domain = cloud.client("apigatewayv2"), "api.payments.example.com"
    certificate = f"arn:aws:acm:{REGION}:123456789012:certificate/1"
    client.create_domain_name(
        DomainName=domain, DomainNameConfigurations=[{"CertificateArn": certificate, "EndpointType": "REGIONAL"}]
    )
    client.create_api_mapping(DomainName=domain, ApiId=api.id, Stage="$default", ApiMappingKey="v1")
    answer = send(cloud.aws.port, domain, "GET", "/v1/health")
    assert (answer.status, answer.json["requestContext"]["domainName"]) == (201, domain)
    assert send(cloud.aws.port, domain, "GET", "/health").status == 404


def test_an_api_that_does_not_exist_is_not_found(cloud: Any) -> None:
    answer = send(cloud.aws.port, f"nothing.execute-api.{REGION}.amazonaws.com", "GET", "/")
    assert (answer.status, answer.json) == (404, {"message": "Not Found"})
