"""Step Functions: what moto lacks of state machines, and Terraform asks for: validation and versions."""

from typing import Any

from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import Output, operation


def _machine(call: Call, arn: str) -> Any:
    """A state machine by its ARN, or by that of one of its versions."""
    backend = stepfunctions_parser_backends[call.account_id][call.region]
    for machine in backend.state_machines:
        if arn == machine.arn or arn.rpartition(":")[0] == machine.arn:
            return machine
    raise AwsError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")


@operation("stepfunctions", "ValidateStateMachineDefinition")
def validate_state_machine_definition(call: Call) -> Output:
    """Says what is wrong with a definition
    (https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html)."""
    try:
        AmazonStateLanguageParser.parse(call.params["definition"])
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
        fault = {"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": message}
        return {"result": "FAIL", "diagnostics": [fault], "truncated": False}
    return {"result": "OK", "diagnostics": [], "truncated": False}


@operation("stepfunctions", "PublishStateMachineVersion")
def publish_state_machine_version(call: Call) -> Output:
    """Keeps the state machine as it is now under a number."""
    machine = _machine(call, call.params["stateMachineArn"])
    machine.publish(call.params.get("description"))
    version = machine.latest_version
    return {"stateMachineVersionArn": version.arn, "creationDate": version.creation_date}


@operation("stepfunctions", "ListStateMachineVersions")
def list_state_machine_versions(call: Call) -> Output:
    """The versions of a state machine, newest first."""
    machine = _machine(call, call.params["stateMachineArn"])
    versions = [machine.versions[number] for number in sorted(machine.versions, reverse=True)]
    found = [{"stateMachineVersionArn": version.arn, "creationDate": version.creation_date} for version in versions]
    return {"stateMachineVersions": found}


@operation("stepfunctions", "DeleteStateMachineVersion")
def delete_state_machine_version(call: Call) -> None:
    """Removes a version; a version that does not exist is no error."""
    arn = call.params["stateMachineVersionArn"]
    _machine(call, arn).versions.pop(int(arn.rpartition(":")[2]), None)
