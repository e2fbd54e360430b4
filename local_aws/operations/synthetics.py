"""CloudWatch Synthetics: canaries, their runs and their tags."""

import re
from typing import Any

from local_aws.calls import Call
from local_aws.canaries import engine, ticker
from local_aws.canaries.canary import READY, RUNNING, STOPPED, DeployedCanary
from local_aws.canaries.package import PackageFaultError
from local_aws.canaries.ticker import ONCE
from local_aws.errors import AwsError
from local_aws.functions.execution_role import role_trusts
from local_aws.registry import Output, installs, operation
from local_aws.schedules.expression import ScheduleExpressionError, read_expression

RUNTIMES = re.compile(r"syn-python-selenium-\d+\.\d+")
DEPLOYED = ("Code", "ExecutionRoleArn", "RuntimeVersion", "RunConfig", "VpcConfig")
"""What the function of a canary is made from."""

UPDATED = (
    *DEPLOYED,
    "ArtifactConfig",
    "ArtifactS3Location",
    "FailureRetentionPeriodInDays",
    "ProvisionedResourceCleanup",
    "Schedule",
    "SuccessRetentionPeriodInDays",
)


@installs
def run_canaries() -> None:
    """Starts what runs canaries when they are due."""
    ticker.install()


@operation("synthetics", "CreateCanary")
def create_canary(call: Call) -> Output:
    """Makes a canary and its function. It does not run before it is started."""
    given, canaries = call.params, call.backend().canaries
    if given["Name"] in canaries:
        raise AwsError("ConflictException", f"Canary name {given['Name']} already exists.", 409)
    _check(given)
    settings = {name: given[name] for name in UPDATED if name in given}
    canary = DeployedCanary(call.account_id, call.region, given["Name"], settings, dict(given.get("Tags") or {}))
    canary.package = _package(call, given["Code"])
    _deploy(call, canary)
    canaries[canary.name] = canary
    return {"Canary": canary.description()}


@operation("synthetics", "UpdateCanary")
def update_canary(call: Call) -> None:
    """Changes a canary that does not run."""
    canary, given = _canary(call), call.params
    if canary.state == RUNNING:
        raise AwsError("ConflictException", f"Canary {canary.name} is running: stop it first.", 409)
    changed = {name: given[name] for name in UPDATED if name in given}
    _check({**canary.settings, **changed})
    if "Code" in changed:
        handler = canary.settings["Code"]["Handler"]
        canary.package = _package(call, changed["Code"]) or canary.package
        changed["Code"] = {"Handler": handler, **changed["Code"]}
    canary.settings.update(changed)
    _deploy(call, canary)
    canary.reason_code = "UPDATE_COMPLETE"
    canary.happened("LastModified")


@operation("synthetics", "GetCanary")
def get_canary(call: Call) -> Output:
    """A canary."""
    return {"Canary": _canary(call).description()}


@operation("synthetics", "DescribeCanaries")
def describe_canaries(call: Call) -> Output:
    """All canaries, or those that are named."""
    return {"Canaries": [canary.description() for canary in _named(call)]}


@operation("synthetics", "DescribeCanariesLastRun")
def describe_last_runs(call: Call) -> Output:
    """The last run of each canary that has run."""
    return {
        "CanariesLastRun": [
            {"CanaryName": canary.name, "LastRun": canary.runs[0]} for canary in _named(call) if canary.runs
        ]
    }


@operation("synthetics", "GetCanaryRuns")
def get_canary_runs(call: Call) -> Output:
    """The runs of a canary, the latest first."""
    return {"CanaryRuns": list(_canary(call).runs)[: int(call.params.get("MaxResults") or 100)]}


@operation("synthetics", "StartCanary")
def start_canary(call: Call) -> None:
    """Runs a canary now, and from now on by its schedule."""
    canary = _canary(call)
    if canary.state not in (READY, STOPPED):
        raise AwsError("ConflictException", f"Canary {canary.name} is in state {canary.state}.", 409)
    ticker.start(canary)


@operation("synthetics", "StopCanary")
def stop_canary(call: Call) -> None:
    """Ends the schedule of a canary."""
    canary = _canary(call)
    if canary.state != RUNNING:
        raise AwsError("ConflictException", f"Canary {canary.name} is in state {canary.state}.", 409)
    ticker.stop(canary)


@operation("synthetics", "DeleteCanary")
def delete_canary(call: Call) -> None:
    """Removes a canary that does not run. Its function goes with it only where that is asked for."""
    canary = _canary(call)
    if canary.state == RUNNING:
        raise AwsError("ConflictException", f"Canary {canary.name} is running: stop it first.", 409)
    del call.backend().canaries[canary.name]
    if call.params.get("DeleteLambda") or canary.settings.get("ProvisionedResourceCleanup") == "AUTOMATIC":
        engine.remove(canary)


@operation("synthetics", "ListTagsForResource")
def list_tags(call: Call) -> Output:
    """A canary's tags."""
    return {"Tags": _tagged(call).tags}


@operation("synthetics", "TagResource", "UntagResource")
def change_tags(call: Call) -> None:
    """Adds, changes or removes a canary's tags."""
    tags = _tagged(call).tags
    tags.update(call.params.get("Tags") or {})
    for key in call.params.get("TagKeys") or []:
        tags.pop(key, None)


def _canary(call: Call) -> DeployedCanary:
    found: DeployedCanary | None = call.backend().canaries.get(call.params["Name"])
    if found is None:
        raise AwsError("ResourceNotFoundException", f"Canary {call.params['Name']} not found.", 404)
    return found


def _named(call: Call) -> list[DeployedCanary]:
    names = call.params.get("Names")
    return [one for one in call.backend().canaries.values() if not names or one.name in names]


def _tagged(call: Call) -> DeployedCanary:
    arn = call.params["ResourceArn"]
    found: DeployedCanary | None = call.backend().canaries.get(arn.rpartition(":canary:")[2])
    if found is None:
        raise AwsError("NotFoundException", f"{arn} was not found.", 404)
    return found


def _check(settings: dict[str, Any]) -> None:
    """Raises AwsError for what no canary can be made of."""
    if not RUNTIMES.fullmatch(settings["RuntimeVersion"]):
        raise AwsError("ValidationException", f"The local AWS runs no canaries on {settings['RuntimeVersion']}.")
    role = settings["ExecutionRoleArn"]
    if not role_trusts(role, "lambda.amazonaws.com"):
        raise AwsError("ValidationException", f"The role {role} cannot be assumed by lambda.amazonaws.com.")
    expression = settings["Schedule"]["Expression"]
    try:
        if not ONCE.fullmatch(expression):
            read_expression(expression)
    except ScheduleExpressionError as error:
        raise AwsError("ValidationException", str(error)) from None


def _package(call: Call, code: dict[str, Any]) -> bytes:
    """The zip that was sent, or that is in a bucket; empty where there is neither."""
    if not code.get("S3Bucket"):
        return bytes(code.get("ZipFile") or b"")
    found = call.backend("s3").get_object(code["S3Bucket"], code["S3Key"], version_id=code.get("S3Version"))
    if found is None:
        raise AwsError("ValidationException", f"There is no code at {code['S3Bucket']}/{code['S3Key']}.")
    return bytes(found.value)


def _deploy(call: Call, canary: DeployedCanary) -> None:
    vpc = canary.settings.get("VpcConfig") or {}
    if vpc.get("SubnetIds"):
        subnet = call.backend("ec2").get_subnet(vpc["SubnetIds"][0])
        canary.settings["VpcConfig"] = {**vpc, "VpcId": subnet.vpc_id}
    try:
        engine.deploy(canary)
    except PackageFaultError as error:
        raise AwsError("ValidationException", str(error)) from None
