"""Which environment a command finds, and one line with the remedy where it finds none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local_aws.server import LocalAws, LocalAwsError
from tap import account as accounts
from tap.commands.exit_codes import ExitCode, explain
from tap.environment import Environment
from tap.toolchain import ROOT
from tests.unit.tap_commands.conftest import Tap, payment_answer
from tests.unit.tap_commands.payment_api import FakePaymentApi

SHOW = ("payment", "show", "order-1")
LOCAL_ENDPOINT = "http://127.0.0.1:4566"


def test_without_options_it_is_that_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENVIRONMENT_SUFFIX")
    (tmp_path / ".env").write_text(f"ENVIRONMENT_SUFFIX=from-file\nAWS_ENDPOINT_URL={LOCAL_ENDPOINT}\n")
    found = Environment.find()
    assert (found.suffix, found.account.region) == ("from-file", "eu-west-1")
    assert found.client("sqs").meta.endpoint_url == LOCAL_ENDPOINT


def test_options_win(environment: Environment, tap: Tap, api: FakePaymentApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT_SUFFIX", "another")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    api.will_answer(200, payment_answer("order-1"))
    ended = tap(*SHOW, "--suffix", environment.suffix, "--region", environment.account.region)
    assert (ended.code, len(api.asked)) == (0, 1)


def test_the_other_of_two_regions_is_named_by_its_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHITECTURE", "multi-region")
    monkeypatch.setenv("SECONDARY_REGION", "us-west-2")
    for region, found in (("us-west-2", "us-west-2"), ("us-east-2", "us-east-2"), (None, "eu-west-1")):
        assert Environment.find(suffix="test", region=region).account.region == found


def test_names_have_the_role_of_the_region_where_there_are_two(environment: Environment) -> None:
    assert environment.name("replay") == "payment-replay-test"
    there = Environment(environment.suffix, environment.account.in_region("us-west-2"))
    bus = "payment-events-secondary-test"
    there.client("ssm").put_parameter(Name="/payment/test/events/bus", Value=bus, Type="String")
    assert there.name("replay-dead-letters") == "payment-replay-dead-letters-secondary-test"


@pytest.mark.usefixtures("aws")
def test_one_that_is_not_deployed(tap: Tap) -> None:
    ended = tap(*SHOW, "--suffix", "nowhere")
    assert ended.code == 3
    assert ended.out == ""
    [line] = ended.err.splitlines()
    assert line.startswith("error: no environment 'nowhere' in Region eu-west-1: SSM parameter /payment/nowhere/api")
    assert "check --suffix, --region and the account, or deploy it" in line


@pytest.mark.parametrize(
    ("option", "value", "named"),
    [("--suffix", "Not_Usable", "ENVIRONMENT_SUFFIX=Not_Usable"), ("--region", "mars-1", "AWS_REGION=mars-1")],
)
def test_inputs_that_cannot_be_used(tap: Tap, option: str, value: str, named: str) -> None:
    ended = tap(*SHOW, option, value)
    assert ended.code == 2
    [line] = ended.err.splitlines()
    assert named in line


def test_an_address_where_nothing_answers(tap: Tap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(accounts, "CALL_LIMITS", Config(retries={"total_max_attempts": 1}))
    ended = tap(*SHOW)
    assert ended.code == 3
    [line] = ended.err.splitlines()
    assert "AWS is not reachable" in line
    assert "http://127.0.0.1:9" in line


@pytest.mark.usefixtures("aws")
def test_no_credentials(tap: Tap, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    ended = tap(*SHOW)
    assert ended.code == 3
    assert ended.err == "error: no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and its secret\n"


def test_a_refusal_of_aws_is_explained() -> None:
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "not yours"}}, "GetParameter")
    explained = explain(denied)
    assert explained is not None
    assert explained[1] is ExitCode.UNREACHABLE
    assert "GetParameter" in explained[0]
    assert "not yours" in explained[0]


def test_a_fault_of_the_program_is_not_hidden(tap: Tap, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_options: object) -> Environment:
        raise ZeroDivisionError

    monkeypatch.setattr(Environment, "find", fail)
    with pytest.raises(ZeroDivisionError):
        tap(*SHOW)


def test_an_interruption_has_its_own_code(tap: Tap, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(**_options: object) -> Environment:
        raise KeyboardInterrupt

    monkeypatch.setattr(Environment, "find", interrupt)
    assert tap(*SHOW).code == 130


def test_the_local_aws_is_used_only_when_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    running = LocalAws(tmp_path, 4566, 1)
    monkeypatch.setattr(LocalAws, "running", lambda _directory: running)
    assert "amazonaws.com" in Environment.find().client("sqs").meta.endpoint_url
    found = Environment.find(local=True)
    assert found.client("sqs").meta.endpoint_url == LOCAL_ENDPOINT
    assert found.account.place == f"Region eu-west-1 at {LOCAL_ENDPOINT}"


def test_no_local_aws_names_the_command_that_starts_it(monkeypatch: pytest.MonkeyPatch, tap: Tap) -> None:
    monkeypatch.setattr(LocalAws, "running", lambda _directory: None)
    with pytest.raises(LocalAwsError, match="make local"):
        Environment.find(local=True)
    assert tap(*SHOW, "--local").code == 3


def test_usage_errors_and_help(tap: Tap) -> None:
    assert tap("pay").code == 2
    assert tap("no-such-command").code == 2
    shown = tap("--help")
    assert shown.code == 0
    assert "3 the environment was not found" in " ".join(shown.out.split())


def test_it_runs_as_a_module() -> None:
    run = subprocess.run([sys.executable, "-m", "tap", "--help"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0
    assert "approvals" in run.stdout
