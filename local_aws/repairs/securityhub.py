"""Repairs of Security Hub: the hub's settings, and its standards when it is turned off."""

from local_aws.calls import Call
from local_aws.operations.securityhub import hub_settings, standards
from local_aws.registry import Output, Plain, repairs


@repairs("securityhub", "EnableSecurityHub")
def keep_generator(call: Call, plain: Plain) -> Output:
    """moto forgets how findings are made."""
    output = plain()
    if "ControlFindingGenerator" in call.params:
        hub_settings(call.backend())["ControlFindingGenerator"] = call.params["ControlFindingGenerator"]
    return output


@repairs("securityhub", "DescribeHub")
def describe_settings(call: Call, plain: Plain) -> Output:
    """moto always tells the defaults."""
    return plain() | hub_settings(call.backend())


@repairs("securityhub", "DisableSecurityHub")
def end_subscriptions(call: Call, plain: Plain) -> Output:
    """Standards go with the hub."""
    output = plain()
    standards(call.backend()).clear()
    hub_settings(call.backend()).clear()
    return output
