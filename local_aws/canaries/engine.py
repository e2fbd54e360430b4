"""The function that runs a canary, which Synthetics makes and removes."""

import base64
from contextlib import suppress

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.utils import get_backend

from local_aws.canaries.canary import DeployedCanary
from local_aws.canaries.package import RUNTIME, function_package, libraries

HANDLER, LIBRARIES = "LOCAL_AWS_CANARY_HANDLER", "LOCAL_AWS_CANARY_LIBRARIES"
"""Names of variables that synthetics_runtime reads."""


def deploy(canary: DeployedCanary) -> None:
    """Makes the canary's function, or makes it anew. Raises PackageFaultError."""
    handler = str(canary.settings["Code"]["Handler"])
    package = function_package(canary.package, handler)
    remove(canary)
    config = canary.run_config
    get_backend(canary.account, canary.region).create_function(
        {
            "FunctionName": canary.function_name,
            "Description": f"Runs the canary {canary.name}",
            "Role": canary.role,
            "Runtime": "python3.12",
            "Handler": f"{RUNTIME.stem}.handler",
            "Code": {"ZipFile": base64.b64encode(package).decode()},
            "Timeout": config["TimeoutInSeconds"],
            "MemorySize": config["MemoryInMB"],
            "Environment": {
                "Variables": {
                    **(config.get("EnvironmentVariables") or {}),
                    HANDLER: handler,
                    LIBRARIES: str(libraries()),
                }
            },
            "VpcConfig": canary.settings.get("VpcConfig"),
            "Publish": True,
        }
    )


def remove(canary: DeployedCanary) -> None:
    """Removes the function, if it is there."""
    with suppress(UnknownFunctionException):
        get_backend(canary.account, canary.region).delete_function(canary.function_name)
