"""AWS clients of this local AWS that may only do what a role allows."""

import os
import threading
from collections.abc import Callable
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

from local_aws.functions.deployed import Target
from local_aws.functions.execution_role import role_allows

SESSION = botocore.session.get_session()
LONGEST_CALL_SECONDS = 900
"""What a call may take: a function's longest timeout."""
RDS_RESOURCES = {
    "DBClusterIdentifier": "cluster",
    "SourceDBClusterIdentifier": "cluster",
    "DBInstanceIdentifier": "db",
    "DBClusterSnapshotIdentifier": "cluster-snapshot",
    "SnapshotIdentifier": "cluster-snapshot",
    "DBSubnetGroupName": "subgrp",
    "DBClusterParameterGroupName": "cluster-pg",
}
"""Parameters of RDS that name what a call is about, and its kind in ARNs.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html
"""

_turn = threading.Lock()
_clients: dict[tuple[str, str], Any] = {}


class RoleClient:
    """A client whose calls are refused where its role does not allow them."""

    def __init__(self, client: Any, role: str) -> None:
        self._client = client
        self._role = role

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._client, name)
        operation = self._client.meta.method_to_api_mapping.get(name)
        return attribute if operation is None else self._checked(operation, attribute)

    def _checked(self, operation: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def checked(**params: Any) -> Any:
            service = str(self._client.meta.service_model.signing_name)
            verb = "InvokeFunction" if (service, operation) == ("lambda", "Invoke") else operation
            account, region = self._role.split(":")[4], self._client.meta.region_name
            for resource in resources(service, params, account, region):
                if not role_allows(self._role, f"{service}:{verb}", resource):
                    text = f"{self._role} is not authorized to perform: {service}:{verb} on resource: {resource}"
                    error = {"Code": "AccessDeniedException", "Message": text}
                    answer: Any = {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 403, "RequestId": "-"}}
                    raise ClientError(answer, operation)
            return call(**params)

        return checked


def role_client(region: str, service: str, state_credentials: Any = None) -> Any:
    """A client for a service. `state_credentials` has the role's ARN."""
    return RoleClient(own_client(region, service), state_credentials.role_arn)


def own_client(region: str, service: str) -> Any:
    """A client of what is AWS itself, which may do anything."""
    key = (region, service)
    with _turn:
        if key not in _clients:
            _clients[key] = SESSION.create_client(
                service,
                region_name=region,
                endpoint_url=f"http://127.0.0.1:{os.environ['MOTO_PORT']}",
                aws_access_key_id="ak",
                aws_secret_access_key="sk",
                config=Config(
                    parameter_validation=False,
                    retries={"total_max_attempts": 1},
                    read_timeout=LONGEST_CALL_SECONDS,
                    max_pool_connections=50,
                    proxies={},
                ),
            )
        return _clients[key]


def resources(service: str, params: dict[str, Any], account: str, region: str) -> list[str]:
    """ARNs of what a call is about; `*` where it is about nothing in particular."""
    match service:
        case "lambda" if "FunctionName" in params:
            return [Target.named(account, region, params["FunctionName"], params.get("Qualifier")).arn]
        case "sns":
            return [params.get("TopicArn") or params.get("TargetArn") or "*"]
        case "sqs" if "QueueUrl" in params:
            return [f"arn:aws:sqs:{region}:{account}:{params['QueueUrl'].rpartition('/')[2]}"]
        case "dynamodb" if "TableName" in params:
            return [f"arn:aws:dynamodb:{region}:{account}:table/{params['TableName'].rpartition('/')[2]}"]
        case "rds":
            kinds = [(RDS_RESOURCES[name], value) for name, value in params.items() if name in RDS_RESOURCES]
            prefix = f"arn:aws:rds:{region}:{account}"
            return [value if value.startswith("arn:") else f"{prefix}:{kind}:{value}" for kind, value in kinds] or ["*"]
        case "states":
            return [params.get("stateMachineArn") or "*"]
        case "events" if params.get("Entries"):
            names = {str(entry.get("EventBusName") or "default").rpartition("/")[2] for entry in params["Entries"]}
            return [f"arn:aws:events:{region}:{account}:event-bus/{name}" for name in sorted(names)]
    return ["*"]
