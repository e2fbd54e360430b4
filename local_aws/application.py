"""The WSGI stack of the local AWS: its own paths, the data plane, AWS's APIs, moto."""

import importlib
import json
import os
import pkgutil
from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from moto.core.config import default_user_config
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

import local_aws.operations
import local_aws.refusals
import local_aws.repairs
from local_aws import (
    canaries,
    containers,
    databases,
    event_delivery,
    functions,
    leftovers,
    load_balancers,
    queue_delivery,
    schedules,
)
from local_aws.alarms import measurements
from local_aws.api import Api
from local_aws.backups import ticker as restore_testing
from local_aws.databases.aurora import cluster_by_arn, instance_by_arn
from local_aws.databases.errors import DatabaseError
from local_aws.experiments import outages
from local_aws.http_api import DataPlane
from local_aws.registry import INSTALLERS


def create_application() -> WSGIApplication:
    """The application, with everything installed that the local AWS adds to moto. One per process."""
    default_user_config["lambda"] = {"use_docker": False}
    default_user_config["iam"] = {"load_aws_managed_policies": True}
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    leftovers.install()
    for package in (local_aws.operations, local_aws.repairs, local_aws.refusals):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    services = (functions, event_delivery, queue_delivery, schedules, restore_testing)
    for install in (*INSTALLERS, *(service.install for service in services)):
        install()
    return OwnPaths(load_balancers.BalancerPlane(DataPlane(Api(DomainDispatcherApplication(create_backend_app)))))


def _reset() -> object:
    load_balancers.stop()
    containers.stop()
    functions.stop()
    databases.stop()
    measurements.forget()
    outages.forget()
    moto_api_backend.reset()
    return {}


def _take_databases_away(parameters: dict[str, str]) -> object:
    databases.running().take_away(cluster_by_arn(parameters.get("cluster", "")))
    return {}


def _bring_databases_back(parameters: dict[str, str]) -> object:
    databases.running().bring_back(cluster_by_arn(parameters.get("cluster", "")))
    return {}


def _lose_instance(parameters: dict[str, str]) -> object:
    databases.running().lose_instance(instance_by_arn(parameters.get("instance", "")))
    return {}


def _bring_instance_back(parameters: dict[str, str]) -> object:
    databases.running().bring_instance_back(instance_by_arn(parameters.get("instance", "")))
    return {}


class OwnPaths:
    """WSGI middleware: what the local AWS says about itself, and faults of it, under /local-aws/."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application
        self.paths: dict[str, Callable[[dict[str, str]], object]] = {
            "GET /local-aws/status": lambda _: {"pid": os.getpid()},
            "GET /local-aws/leftovers": lambda _: leftovers.leftovers(),
            "GET /local-aws/address": canaries.address_of,
            "GET /local-aws/load-balancers": lambda _: load_balancers.addresses(),
            "POST /local-aws/reset": lambda _: _reset(),
            "POST /local-aws/databases/take-away": _take_databases_away,
            "POST /local-aws/databases/bring-back": _bring_databases_back,
            "POST /local-aws/databases/lose-instance": _lose_instance,
            "POST /local-aws/databases/bring-instance-back": _bring_instance_back,
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = self.paths.get(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        if path is None:
            return self.application(environ, start_response)
        try:
            status, result = "200 OK", path(dict(parse_qsl(environ["QUERY_STRING"])))
        except DatabaseError as error:
            status, result = "400 Bad Request", {"error": str(error)}
        body = json.dumps(result).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]
