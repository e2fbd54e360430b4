"""How a restored cluster is validated: through an instance of its own, which is gone before the result is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lib.recovery.restore_test_states import AwsCalls, Notices, failed, result
from lib.recovery.states import CHECK_TIMEOUT_SECONDS
from lib.workflow.states import PATIENCE, TRANSIENT_ERRORS, State, catch

WAIT_SECONDS = 30
# An hour: an instance takes some ten minutes.
LONGEST_WAITS = 120
INSTANCE = {"DbInstanceIdentifier.$": "$.names.cluster"}
"""The instance is called like its cluster: their names are apart."""

STATUS = "States.ArrayGetItem($.DbInstances[*].DbInstanceStatus, 0)"


@dataclass(frozen=True, kw_only=True)
class Instance:
    """The instance through which a restored cluster is asked."""

    engine: str
    instance_class: str
    tags: Mapping[str, str]


def cluster_states(aws: AwsCalls, check: State, instance: Instance) -> dict[str, State]:
    """A restored cluster: it has no instance, and cannot be asked without one."""
    made = {
        **INSTANCE,
        "DbClusterIdentifier.$": "$.names.cluster",
        "Engine": instance.engine,
        "DbInstanceClass": instance.instance_class,
        "PubliclyAccessible": False,
        "AutoMinorVersionUpgrade": False,
        "Tags": [{"Key": key, "Value": value} for key, value in instance.tags.items()],
    }
    status = {"instance": {"status.$": STATUS}}
    see = "rds:describeDBInstances"
    return {
        "NameCluster": {
            "Type": "Pass",
            "Parameters": {
                "cluster.$": "States.ArrayGetItem(States.StringSplit($.createdResourceArn, ':'), 6)",
                "waits": 0,
            },
            "ResultPath": "$.names",
            "Next": "AddInstance",
        },
        # That there is one already is an error like others: what there is decides.
        "AddInstance": aws.call("rds:createDBInstance", made, next_="SeeInstance", on_failure="SeeWhatThereIs"),
        "SeeWhatThereIs": {
            **aws.call(see, INSTANCE, next_="InstanceIsAvailable", on_failure="Fails", keep=status),
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.unseen", "Next": "Fails"}],
        },
        "SeeInstance": aws.call(see, INSTANCE, next_="InstanceIsAvailable", on_failure="Fails", keep=status),
        "InstanceIsAvailable": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.instance.status", "StringEquals": "available", "Next": "SeeCluster"},
                {"Variable": "$.names.waits", "NumericGreaterThanEquals": LONGEST_WAITS, "Next": "NoInstance"},
            ],
            "Default": "WaitForInstance",
        },
        "WaitForInstance": {"Type": "Wait", "Seconds": WAIT_SECONDS, "Next": "CountWaits"},
        "CountWaits": {
            "Type": "Pass",
            "Parameters": {"cluster.$": "$.names.cluster", "waits.$": "States.MathAdd($.names.waits, 1)"},
            "ResultPath": "$.names",
            "Next": "SeeInstance",
        },
        "NoInstance": failed(
            "InstanceNotAvailable", "The instance for the check did not become available", next_="Fails"
        ),
        "SeeCluster": aws.call(
            "rds:describeDBClusters",
            {"DbClusterIdentifier.$": "$.names.cluster"},
            next_="CheckLedger",
            on_failure="Fails",
            keep={"cluster": {"endpoint.$": "States.ArrayGetItem($.DbClusters[*].Endpoint, 0)"}},
        ),
        "CheckLedger": {
            **check,
            "ResultSelector": {name: f"$.Payload.{name[:-2]}" for name in ("payments.$", "newest.$")},
            "ResultPath": "$.ledger",
            "TimeoutSeconds": CHECK_TIMEOUT_SECONDS,
            "Retry": [{"ErrorEquals": [*TRANSIENT_ERRORS, "States.Timeout"], **PATIENCE}],
            "Catch": [catch("States.ALL", "Fails")],
            "Next": "Succeeds",
        },
        "Succeeds": result(
            "SUCCESSFUL",
            "The ledger is balanced: {} payments, the newest of {}",
            "$.ledger.payments, $.ledger.newest",
            next_="RemoveInstance",
        ),
        "Fails": result(
            "FAILED", "{}: see the execution {}", "$.failure.Error, $$.Execution.Name", next_="RemoveInstance"
        ),
    }


def removal_states(aws: AwsCalls, told: Notices) -> dict[str, State]:
    """The instance goes in any case: with one in it, AWS Backup cannot remove the cluster."""
    left = (
        "The instance {} could not be removed, so that AWS Backup cannot remove the restored cluster of this name: "
        "remove both by hand. Execution: {}"
    )
    seen = {"left": {"status.$": STATUS}}
    gone = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.gone", "Next": "PutResult"}]
    return {
        "RemoveInstance": {
            **aws.call("rds:deleteDBInstance", INSTANCE, next_="PutResult", on_failure="SeeWhatIsLeft"),
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.unremoved", "Next": "SeeWhatIsLeft"}],
        },
        "SeeWhatIsLeft": {
            **aws.call("rds:describeDBInstances", INSTANCE, next_="IsLeft", on_failure="PutResult", keep=seen),
            "Catch": gone,
        },
        "IsLeft": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.left.status", "StringEquals": "deleting", "Next": "PutResult"}],
            "Default": "TellLeft",
        },
        "TellLeft": told.tell("left behind", left, "$.names.cluster", "$$.Execution.Id", next_="PutResult"),
    }
