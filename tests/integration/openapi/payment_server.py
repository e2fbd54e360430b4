"""The function's handler behind a small HTTP server in this process, with a real database and AWS's services from moto.

It is what the deployed API answers, without API Gateway: no signature is asked for, and other methods reach the code.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws
from werkzeug import Request, Response
from werkzeug.serving import make_server

import payment_migrations
import payment_processor
from local_aws.databases.mariadb import MariaDb
from payments import database

REGION = "eu-west-1"
TABLE = "payment-sessions-openapi"
PATH = "/payment/openapi"
ROLE_PARAMETER = f"{PATH}/region/role"
WRITES_PARAMETER = f"{PATH}/payments/writes"
BUS = "payment-events-openapi"
# Above it a payment waits for approval, so that generated payments get both answers.
APPROVAL_THRESHOLD = "1000"


class Context:
    """What Lambda tells a handler about its invocation."""

    function_name = "payment-processor-openapi"
    memory_limit_in_mb = 1024
    invoked_function_arn = f"arn:aws:lambda:{REGION}:123456789012:function:payment-processor-openapi:live"
    aws_request_id = "11111111-2222-3333-4444-555555555555"


@contextmanager
def payment_server(folder: Path, *, role: str | None = None, writes: str | None = None) -> Iterator[str]:
    """The address of a server that ends with this block: of an environment in one Region, or in a Region of this role.

    `writes` is how the switch of the writers is; without it there is none.
    Raises `DatabaseError` where there is no MariaDB.
    """
    with MariaDb.started(folder) as db, pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in _variables(db).items():
            patch.setenv(name, value)
        if role:
            _give_role(role, db, patch)
        if writes:
            patch.setenv("WRITES_PARAMETER", WRITES_PARAMETER)
            boto3.client("ssm", region_name=REGION).put_parameter(Name=WRITES_PARAMETER, Value=writes, Type="String")
        for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_LAMBDA_RUNTIME_API"):
            patch.delenv(name, raising=False)
        database.tls_context.cache_clear()
        _make_resources(db, patch)
        _forget_process_state()
        payment_migrations.handler({}, cast("Any", Context()))
        server = make_server("127.0.0.1", 0, _application, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            payment_processor.payment_service().after_answer.wait(10)
            payment_processor._database().close()
            _forget_process_state()
            database.tls_context.cache_clear()


@Request.application
def _application(request: Request) -> Response:
    """One request as API Gateway hands it to the function, payload format 2.0."""
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request.environ["RAW_URI"].partition("?")[0],
        "headers": {name.lower(): value for name, value in request.headers.items()},
        "requestContext": {
            "http": {"method": request.method, "path": request.path},
            "requestId": "request-1",
            "stage": "$default",
        },
        "body": base64.b64encode(request.get_data()).decode(),
        "isBase64Encoded": True,
    }
    result = cast("dict[str, Any]", payment_processor.handler(event, cast("Any", Context())))
    return Response(result["body"], status=result["statusCode"], headers=result["headers"])


def _variables(db: MariaDb) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "REGION": REGION,
        "ENVIRONMENT_SUFFIX": "openapi",
        "DYNAMODB_TABLE": TABLE,
        "CONFIGURATION_PATH": PATH,
        "EVENT_BUS_NAME": BUS,
        "DB_ENDPOINT": db.address,
        "DB_PORT": str(db.port),
        "DB_NAME": "payments",
        "DB_USER": "payment_app",
        "DB_AUTHENTICATION": "secret",
        "SSL_CERT_FILE": str(db.ca_file),
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }


def _give_role(role: str, db: MariaDb, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("REGION_ROLE_PARAMETER", ROLE_PARAMETER)
    patch.setenv("DB_READER_ENDPOINT", db.address)
    boto3.client("ssm", region_name=REGION).put_parameter(Name=ROLE_PARAMETER, Value=role, Type="String")


def _make_resources(db: MariaDb, patch: pytest.MonkeyPatch) -> None:
    db.execute("CREATE DATABASE IF NOT EXISTS payments")
    db.execute("CREATE USER admin@'%' IDENTIFIED BY 'a-master-password'")
    db.execute("GRANT ALL ON *.* TO admin@'%' WITH GRANT OPTION")
    secrets = boto3.client("secretsmanager", region_name=REGION)
    for variable, user in (("DB_MASTER_SECRET_ARN", "admin"), ("DB_SECRET_ARN", "payment_app")):
        password = "a-master-password" if user == "admin" else "a-password-of-the-application"
        text = json.dumps({"username": user, "password": password})
        patch.setenv(variable, secrets.create_secret(Name=user, SecretString=text)["ARN"])
    boto3.client("dynamodb", region_name=REGION).create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "session_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "session_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    boto3.client("events", region_name=REGION).create_event_bus(Name=BUS)
    ssm = boto3.client("ssm", region_name=REGION)
    parameters = {
        "payments/amount_limit": "1000000",
        "payments/approval_threshold": APPROVAL_THRESHOLD,
        "payments/fingerprint_key": "a-key-of-the-tests-0123456789",
        "sessions/ttl_seconds": "3600",
    }
    for name, value in parameters.items():
        ssm.put_parameter(Name=f"{PATH}/{name}", Value=value, Type="SecureString")


def _forget_process_state() -> None:
    """What a new process would not have: variables read, clients, connections."""
    for made in vars(payment_processor).values():
        if hasattr(made, "cache_clear"):
            made.cache_clear()
