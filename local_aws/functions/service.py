"""Runs deployed functions: takes an invocation, finds an instance, writes the log."""

import atexit
import json
import logging
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path

from moto.awslambda.models import LambdaFunction

from local_aws import databases
from local_aws.alarms.observations import function_ran
from local_aws.experiments import outages
from local_aws.functions import logs
from local_aws.functions.deployed import Target, current_deployment, deployment_of
from local_aws.functions.environment import Deployment
from local_aws.functions.errors import CutOffError, InvalidRequestContentError, RequestTooLargeError
from local_aws.functions.instance import FunctionInstance
from local_aws.functions.invocation import Invocation, Outcome
from local_aws.functions.package import link_compiled_libraries, link_runtime_client, unpack
from local_aws.functions.pool import InstancePool
from local_aws.process_folders import process_folder, remove_abandoned
from local_aws.server import LocalAws

REQUEST_LIMIT = 6 * 1024 * 1024
"""Bytes of a synchronous request (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)."""

SWEEP_SECONDS = 0.5
FOLDER_KIND = "local-aws-functions"
RUNTIME = "runtime"

log = logging.getLogger(__name__)


class FunctionService:
    """The functions of one local AWS. Everything it starts ends with `stop`, or with this process."""

    def __init__(self) -> None:
        remove_abandoned(FOLDER_KIND)
        self.pool = InstancePool()
        self._turn = threading.Lock()
        self._directory: Path | None = None
        threading.Thread(target=self._sweep, daemon=True).start()
        atexit.register(self.stop)

    def invoke(
        self,
        target: Target,
        payload: bytes,
        *,
        client_context: str | None = None,
        request_id: str | None = None,
    ) -> Outcome:
        """Runs the function and waits for its answer.

        Raises moto's UnknownFunctionException, and the errors of local_aws.functions.errors.
        """
        check_payload(payload, REQUEST_LIMIT)
        function = target.function()
        deployment = deployment_of(function)
        if outages.all_cut((function.vpc_config or {}).get("SubnetIds") or ()):
            raise CutOffError(function.function_name)
        reserved = target.latest().reserved_concurrency
        invocation = Invocation(payload or b"{}", target.arn, deployment.timeout, client_context)
        invocation.request_id = request_id or invocation.request_id
        limit = None if reserved is None else int(reserved)
        instance = self.pool.borrow(deployment, limit, lambda: self._launch(deployment, function))
        began = time.monotonic()
        try:
            outcome = instance.invoke(invocation)
        except BaseException:
            self.pool.give_back(instance)
            raise
        failed, took = outcome.result.error is not None, (time.monotonic() - began) * 1000
        function_ran((target.account, target.region), target.name, took, failed=failed)
        instance.when_done(lambda: self._finish(target, function.role, instance, outcome))
        return outcome

    def _finish(self, target: Target, role: str, instance: FunctionInstance, outcome: Outcome) -> None:
        """Ends an invocation when the function's extensions are done too: writes the log, frees the instance."""
        lines, stream = instance.finish(outcome), instance.log_stream
        try:
            logs.write(target.account, target.region, role, instance.deployment.log_group, stream, lines)
        except Exception:
            log.exception("Log lines of %s are lost", target.arn)
        finally:
            self.pool.give_back(instance)

    def stop(self) -> None:
        """Ends all processes and removes their files. The next invocation starts anew."""
        self.pool.stop()
        with self._turn:
            if self._directory:
                shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None

    def _launch(self, deployment: Deployment, function: LambdaFunction) -> FunctionInstance:
        with self._turn:
            root = self._prepared()
            package = _unpacked(function, root)
            instance = FunctionInstance(deployment, package, root / RUNTIME, Path(tempfile.mkdtemp(dir=root)))
            instance.start(_aws_variables())
        return instance

    def _prepared(self) -> Path:
        """The folder of all functions' files."""
        if self._directory is None:
            self._directory = process_folder(FOLDER_KIND)
            link_runtime_client(self._directory / RUNTIME)
        return self._directory

    def _sweep(self) -> None:
        while True:
            time.sleep(SWEEP_SECONDS)
            try:
                self.pool.sweep(current_deployment)
            except Exception:
                log.exception("Instances that are no longer needed could not be ended")


def check_payload(payload: bytes, limit: int) -> None:
    """Raises RequestTooLargeError or InvalidRequestContentError."""
    if len(payload) > limit:
        raise RequestTooLargeError(len(payload), limit)
    try:
        json.loads(payload or b"{}")
    except ValueError as error:
        raise InvalidRequestContentError(str(error)) from None


def _unpacked(function: LambdaFunction, root: Path) -> Path:
    """The function's package, unpacked once for all its instances."""
    directory = root / "packages" / function.code_digest.removeprefix("sha256:")
    if not directory.exists():
        fresh = Path(tempfile.mkdtemp(dir=root)) / "package"
        unpack(function.code_bytes, fresh)
        link_compiled_libraries(fresh)
        directory.parent.mkdir(exist_ok=True)
        fresh.rename(directory)
    return directory


def _aws_variables() -> dict[str, str]:
    """What points a function's clients to this local AWS: the address, keys that it knows, its databases' authority."""
    here = LocalAws(Path(), int(os.environ["MOTO_PORT"]), os.getpid()).environment()
    names = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    return {name: here[name] for name in names} | databases.variables()
