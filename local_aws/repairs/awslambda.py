"""Repairs of Lambda: what a function's configuration keeps."""

from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.ec2.models import ec2_backends

from local_aws.calls import Call
from local_aws.registry import Output, Plain, installs, patch, repairs

KEPT = ("DeadLetterConfig", "LoggingConfig")
UPDATED = {"KMSKeyArn": "kms_key_arn", "TracingConfig": "tracing_config"}
"""What moto takes at creation and ignores in an update, with moto's attribute."""


@installs
def keep_configuration() -> None:
    """moto drops dead-letter and logging configuration, several fields of an update, and subnets not sent again."""
    plain_init, plain_get = LambdaFunction.__init__, LambdaFunction.get_configuration
    plain_update = LambdaFunction.update_configuration

    def __init__(function: Any, account_id: str, spec: dict[str, Any], *rest: Any, **named: Any) -> None:  # noqa: N807
        plain_init(function, account_id, spec, *rest, **named)
        function.kept = {name: spec[name] for name in KEPT if name in spec}

    def get_configuration(function: Any, on_create: bool = False) -> dict[str, Any]:
        default = {"LogFormat": "Text", "LogGroup": function.logs_group_name}
        kept = function.kept | {"LoggingConfig": default | function.kept.get("LoggingConfig", {})}
        return {**plain_get(function, on_create), **{name: value for name, value in kept.items() if value}}

    def update_configuration(function: Any, updates: dict[str, Any]) -> dict[str, Any]:
        function.kept |= {name: updates[name] for name in KEPT if name in updates}
        for name, attribute in UPDATED.items():
            if name in updates:
                setattr(function, attribute, updates[name])
        if "VpcConfig" in updates:
            updates = {**updates, "VpcConfig": {**(function._vpc_config or {}), **updates["VpcConfig"]}}
        if "EphemeralStorage" in updates:
            function.ephemeral_storage = updates["EphemeralStorage"]["Size"]
        plain_update(function, updates)
        configuration: dict[str, Any] = function.get_configuration()
        return configuration

    patch(
        LambdaFunction,
        __init__=__init__,
        get_configuration=get_configuration,
        update_configuration=update_configuration,
    )


@installs
def show_own_vpc() -> None:
    """moto shows the same made-up VPC for every function."""

    def vpc_config(function: Any) -> dict[str, Any] | None:
        config: dict[str, Any] | None = function._vpc_config
        if not config or not config.get("SubnetIds"):
            return None
        subnet = ec2_backends[function.account_id][function.region].get_subnet(config["SubnetIds"][0])
        return {**config, "VpcId": subnet.vpc_id}

    patch(LambdaFunction, vpc_config=property(vpc_config))


@repairs("lambda", "CreateFunction", "UpdateFunctionConfiguration", "DeleteFunction")
def hold_network_interfaces(call: Call, plain: Plain) -> Output:
    """moto's functions have no network interfaces, so that their subnets and security groups look unused.

    AWS shares them between functions and keeps them for a while after a deletion; here each function has its own.
    """
    output, backend = plain(), call.backend("ec2")
    if call.operation == "DeleteFunction" and "Qualifier" in call.params:
        return output
    name = call.params["FunctionName"].rpartition(":function:")[2].partition(":")[0]
    description = f"AWS Lambda VPC ENI-{name}"
    for identity, interface in list(backend.enis.items()):
        if interface.description == description:
            del backend.enis[identity]
    vpc = output.get("VpcConfig") or {}
    for subnet in vpc.get("SubnetIds", []):
        held = backend.create_network_interface(
            subnet, [], group_ids=vpc.get("SecurityGroupIds"), description=description
        )
        held.status = "in-use"
    return output
