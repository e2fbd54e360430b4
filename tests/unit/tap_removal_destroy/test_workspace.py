"""The Terraform folder of a removal: what is written to it, and what only its environment has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from boto3 import Session
from botocore.exceptions import NoCredentialsError

from lib.settings import load_settings
from tap.account import Account
from tap.inventory.states import LocalStates, S3States, StateStore
from tap.workspace import Workspace, credentials_environment
from tests.unit.stacks import synthesized

ENDPOINT = "http://127.0.0.1:4566"


def account(endpoint_url: str | None = None) -> Account:
    made = Account(
        Session("AKIATEST", "hidden-key", "hidden-token", region_name="us-east-1"), endpoint_url=endpoint_url
    )
    made.__dict__["id"] = "123456789012"
    return made


def document(states: StateStore, made: Account, directory: Path) -> dict[str, object]:
    tags = load_settings(_env_file=None).tags
    return Workspace(made, "dev", states, architecture="single-region", tags=tags, directory=directory).document()


@pytest.mark.parametrize("endpoint_url", [None, ENDPOINT], ids=["AWS", "local AWS"])
def test_backend_and_provider_are_those_of_the_stack(endpoint_url: str | None, tmp_path: Path) -> None:
    made = account(endpoint_url)
    stack = synthesized(state_bucket="b", aws_account_id="123456789012", aws_endpoint_url=endpoint_url)
    written = document(S3States(made, "b", "us-east-1"), made, tmp_path)
    assert written["provider"] == stack["provider"]
    assert written["terraform"] == stack["terraform"]
    assert written.keys() == {"terraform", "provider"}


def test_each_provider_of_the_state_has_its_region(tmp_path: Path) -> None:
    stack = synthesized(architecture="multi-region", aws_account_id="123456789012")
    workspace = Workspace(
        account(),
        "dev",
        LocalStates(tmp_path),
        architecture="multi-region",
        tags=load_settings(_env_file=None, architecture="multi-region").tags,
        providers={"primary": None, "secondary": "us-west-2"},
        directory=tmp_path,
    )
    assert workspace.document()["provider"] == stack["provider"]
    assert "terraform.DisasterRecoveryStackdev.tfstate" in json.dumps(workspace.document())


def test_a_state_in_a_file_is_named_by_its_absolute_path(tmp_path: Path) -> None:
    written = json.dumps(document(LocalStates(tmp_path), account(), tmp_path))
    assert json.dumps(str(tmp_path / "terraform.TapStackdev.tfstate")) in written


def test_credentials_are_in_the_environment_and_in_no_file(tmp_path: Path) -> None:
    made = account(ENDPOINT)
    outside = {"PATH": "/bin", "AWS_PROFILE": "other", "AWS_ACCESS_KEY_ID": "other", "AWS_CA_BUNDLE": "/ca.pem"}
    assert credentials_environment(made, outside) == {
        "PATH": "/bin",
        "AWS_CA_BUNDLE": "/ca.pem",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIATEST",
        "AWS_SECRET_ACCESS_KEY": "hidden-key",
        "AWS_SESSION_TOKEN": "hidden-token",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": ENDPOINT,
    }
    assert "hidden" not in json.dumps(document(S3States(made, "b", "us-east-1"), made, tmp_path))


def test_no_credentials_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    made = account()
    monkeypatch.setattr(made.session, "get_credentials", lambda: None)
    with pytest.raises(NoCredentialsError):
        credentials_environment(made, {})
