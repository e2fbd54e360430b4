"""Fault Injection Service: experiments that really run, in place of moto's, which only say that they do.

Templates are moto's. What an experiment takes away: local_aws.experiments.
"""

from typing import Any

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.experiments import actions, engine, targets
from local_aws.experiments.experiment import ENDED, Experiment
from local_aws.functions.execution_role import role_trusts
from local_aws.registry import Output, operation, refuses


@refuses("fis", "CreateExperimentTemplate", "UpdateExperimentTemplate")
def check_template(call: Call) -> None:
    """AWS validates the whole of a template; the local AWS also says which of it it cannot do."""
    given = call.params
    for name, target in (given.get("targets") or {}).items():
        targets.check(name, target)
    for name, action in (given.get("actions") or {}).items():
        actions.check(name, action)
        for target in action["targets"].values():
            if target not in (given.get("targets") or {}):
                raise AwsError("ValidationException", f"Action {name} has the target {target}, which is not there.")
    if given.get("roleArn") and not role_trusts(given["roleArn"], "fis.amazonaws.com"):
        raise AwsError("ValidationException", f"The role {given['roleArn']} cannot be assumed by fis.amazonaws.com.")


@operation("fis", "StartExperiment")
def start_experiment(call: Call) -> Output:
    """Begins an experiment; the same client token gets the same one again."""
    given, held = call.params, _experiments(call)
    template = call.backend().experiment_templates.get(given["experimentTemplateId"])
    if template is None:
        raise _not_found("Experiment template", given["experimentTemplateId"])
    token, tokens = str(given["clientToken"]), call.collection("own_experiment_tokens")
    if token in tokens:
        return {"experiment": held[tokens[token]].description()}
    if any(one.template_id == template.id and one.status not in ENDED for one in held.values()):
        raise AwsError("ConflictException", f"An experiment of template {template.id} is running.", 409)
    experiment = Experiment(template, given.get("tags") or {})
    held[experiment.id] = experiment
    tokens[token] = experiment.id
    engine.begin(experiment)
    return {"experiment": experiment.description()}


@operation("fis", "GetExperiment")
def get_experiment(call: Call) -> Output:
    """An experiment as it is now."""
    return {"experiment": _experiment(call).description()}


@operation("fis", "ListExperiments")
def list_experiments(call: Call) -> Output:
    """All experiments, or those of a template."""
    template = call.params.get("experimentTemplateId")
    found = [one for one in _experiments(call).values() if template in (None, one.template_id)]
    return {"experiments": [one.summary() for one in found]}


@operation("fis", "StopExperiment")
def stop_experiment(call: Call) -> Output:
    """Ends an experiment early; what it has taken away comes back."""
    experiment = _experiment(call)
    experiment.stop()
    return {"experiment": experiment.description()}


def _experiments(call: Call) -> dict[str, Experiment]:
    return call.collection("own_experiments")


def _experiment(call: Call) -> Experiment:
    found = _experiments(call).get(call.params["id"])
    if found is None:
        raise _not_found("Experiment", call.params["id"])
    return found


def _not_found(what: str, identity: Any) -> AwsError:
    return AwsError("ResourceNotFoundException", f"{what} {identity} does not exist", 404)
