"""Functions as moto holds them, read as Lambda would run them."""

from dataclasses import dataclass
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.utils import get_backend, make_function_arn

from local_aws.functions.environment import Deployment
from local_aws.functions.errors import UnsupportedFunctionError


@dataclass(frozen=True)
class Target:
    """What an invocation names: an account's function, with a version or an alias, or none for $LATEST."""

    account: str
    region: str
    name: str
    qualifier: str | None = None

    @classmethod
    def named(cls, account: str, region: str, name_or_arn: str, qualifier: str | None = None) -> "Target":
        """Reads all forms of a function's name (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html)."""
        parts = name_or_arn.split(":")
        if parts[0] == "arn" and len(parts) >= 7:
            return cls(parts[4], parts[3], parts[6], parts[7] if len(parts) > 7 else qualifier)
        if len(parts) >= 3 and parts[1] == "function":
            return cls(parts[0], region, parts[2], parts[3] if len(parts) > 3 else qualifier)
        return cls(account, region, parts[0], parts[1] if len(parts) > 1 else qualifier)

    @classmethod
    def at(cls, arn: str) -> "Target":
        """The function version that an ARN names."""
        return cls.named("", "", arn)

    @property
    def arn(self) -> str:
        """The ARN as invoked, with the qualifier if there is one."""
        arn: str = make_function_arn(self.region, self.account, self.name)
        return f"{arn}:{self.qualifier}" if self.qualifier else arn

    def backend(self) -> LambdaBackend:
        return get_backend(self.account, self.region)

    def function(self) -> LambdaFunction:
        """The function version. Raises UnknownFunctionException."""
        return self.backend().get_function(self.name, self.qualifier)

    def latest(self) -> LambdaFunction:
        """$LATEST, which carries what belongs to the function as a whole. Raises UnknownFunctionException."""
        return self.backend().get_function(self.name)


def deployment_of(function: LambdaFunction) -> Deployment:
    """The function version as deployed. Raises UnsupportedFunctionError for what cannot run here."""
    runtime = function.run_time or ""
    if function.package_type != "Zip" or not runtime.startswith("python"):
        raise UnsupportedFunctionError(function.function_name, f"runtime {runtime or function.package_type}")
    if function.layers:
        raise UnsupportedFunctionError(function.function_name, "layers")
    logging_config = kept_setting(function, "LoggingConfig")
    return Deployment(
        arn=make_function_arn(function.region, function.account_id, function.function_name),
        name=function.function_name,
        version=str(function.version),
        region=function.region,
        code_sha256=function.code_sha_256,
        handler=function.handler or "",
        runtime=runtime,
        memory_size=int(function.memory_size),
        timeout=int(function.timeout),
        variables=dict(function.environment_vars or {}),
        log_group=logging_config.get("LogGroup") or f"/aws/lambda/{function.function_name}",
        log_format=logging_config.get("LogFormat") or "Text",
        log_level=logging_config.get("ApplicationLogLevel") or "INFO",
    )


def kept_setting(function: LambdaFunction, name: str) -> dict[str, Any]:
    """A setting that local_aws.repairs.awslambda keeps, as moto would drop it; empty if it was not given."""
    return getattr(function, "kept", {}).get(name) or {}


def current_deployment(deployment: Deployment) -> Deployment | None:
    """What is deployed now where `deployment` was; None if there is nothing."""
    target = Target.at(f"{deployment.arn}:{deployment.version}")
    try:
        return deployment_of(target.function())
    except (UnknownFunctionException, UnsupportedFunctionError):
        return None
