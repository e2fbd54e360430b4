"""Deployed, planned again, destroyed: with no secret written down and nothing left."""

from __future__ import annotations

import json

from tap.inventory.finder import Finder
from tap.inventory.states import LocalStates
from tap.removal.destroy import Destruction
from tests.integration.deployed import Deployed, LocalDeployment


def test_a_second_plan_is_empty(local_deployment: LocalDeployment) -> None:
    plan = local_deployment.deployment.terraform.plan()
    assert plan.changes == ()
    assert plan.empty


def test_everything_that_can_be_tagged_is_tagged(local_deployment: LocalDeployment) -> None:
    state = local_deployment.deployment.terraform.state_json()
    resources = [r for r in state["values"]["root_module"]["resources"] if "tags_all" in r["values"]]
    wanted = local_deployment.deployment.settings.tags
    untagged = [r["address"] for r in resources if not wanted.items() <= (r["values"]["tags_all"] or {}).items()]
    assert len(resources) > 60
    assert untagged == []


def test_no_secret_is_in_the_json_the_plan_or_the_state(local_deployment: LocalDeployment, deployed: Deployed) -> None:
    passwords = [
        json.loads(deployed.client("secretsmanager").get_secret_value(SecretId=deployed.outputs[arn])["SecretString"])
        for arn in ("database_secret_arn", "database_user_secret_arn")
    ]
    key = deployed.client("ssm").get_parameter(
        Name=f"{deployed.outputs['configuration_path']}/payments/fingerprint_key", WithDecryption=True
    )
    secrets = [*(login["password"] for login in passwords), key["Parameter"]["Value"]]
    assert len(set(secrets)) == 3
    assert all(len(value) >= 8 for value in secrets)
    terraform = local_deployment.deployment.terraform
    plan = terraform.plan()
    written = [
        path for path in local_deployment.directory.rglob("*") if path.is_file() and "local_aws" not in path.parts
    ]
    assert [path for path in written if path.suffix == ".tfstate"]
    texts = [path.read_bytes() for path in written]
    texts += [json.dumps(terraform.plan_json(plan)).encode(), json.dumps(terraform.state_json()).encode()]
    assert not [secret for secret in secrets for text in texts if secret.encode() in text]


def test_all_that_is_tagged_is_found_without_the_state(local_deployment: LocalDeployment) -> None:
    deployment = local_deployment.deployment
    suffix = deployment.settings.environment_suffix
    state = deployment.states.read(suffix)
    assert state is not None
    found = Finder(deployment.account, LocalStates(local_deployment.directory / "none")).environment(suffix)
    tagged = {one.arn for one in state.managed if one.tags and one.arn}
    assert len(tagged) > 100
    assert tagged - {one.arn for one in found.resources} == set()
    assert found.state is None


def test_destroy_leaves_nothing(local_deployment: LocalDeployment) -> None:
    """Last: everything is gone, log groups and secrets included, in every service, and so is what nobody deployed."""
    deployment = local_deployment.deployment
    suffix = deployment.settings.environment_suffix
    sqs = deployment.account.client("sqs")
    sqs.create_queue(QueueName=f"payment-stray-{suffix}", tags=deployment.settings.tags)
    destruction = Destruction(
        deployment.account, deployment.states, suffix, directory=local_deployment.directory / "environments"
    )
    receipt = destruction.run()
    assert len(receipt.removed) > 150
    assert [resource.name for resource in receipt.swept] == [f"payment-stray-{suffix}"]
    assert receipt.left == ()
    # What is done beside Terraform takes a tenth of Terraform's own time at most.
    assert receipt.seconds <= 1.1 * receipt.terraform_seconds
    assert local_deployment.aws.leftovers() == {}
    assert list(local_deployment.directory.glob("*.tfstate")) == []
