"""The WSGI stack of the local AWS: its own paths, the data plane, AWS's APIs, moto."""

import importlib
import json
import os
import pkgutil
from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from moto.core.config import default_user_config
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

import local_aws.operations
import local_aws.refusals
import local_aws.repairs
from local_aws import databases, event_delivery, functions, leftovers, queue_delivery, schedules
from local_aws.api import Api
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
    for install in (*INSTALLERS, functions.install, event_delivery.install, queue_delivery.install, schedules.install):
        install()
    return OwnPaths(DataPlane(Api(DomainDispatcherApplication(create_backend_app))))


def _reset() -> object:
    functions.stop()
    databases.stop()
    moto_api_backend.reset()
    return {}


class OwnPaths:
    """WSGI middleware: what the local AWS says about itself, under /local-aws/."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application
        self.paths: dict[str, Callable[[], object]] = {
            "GET /local-aws/status": lambda: {"pid": os.getpid()},
            "GET /local-aws/leftovers": leftovers.leftovers,
            "POST /local-aws/reset": _reset,
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = self.paths.get(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        if path is None:
            return self.application(environ, start_response)
        body = json.dumps(path()).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]
