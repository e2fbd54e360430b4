"""An audit does not begin where somebody else has what AWS allows once."""

from __future__ import annotations

from typing import Any

import pytest

from lib.settings import Settings, load_settings
from tap.account import Account
from tap.adoption.account_services import OccupiedError, refuse_occupied
from tap.inventory.resource import environment_tags
from tests.unit.tap_adoption.planning import listed, state

ON = {"account_guardduty": True, "account_config": True, "account_security_hub": True}
ROLE = "arn:aws:iam::123456789012:role/config"


def audit(**inputs: Any) -> Settings:
    return load_settings(_env_file=None, architecture="account", environment_suffix="pr-1", **inputs)


def detector(account: Account, suffix: str) -> str:
    return str(account.client("guardduty").create_detector(Enable=True, Tags=environment_tags(suffix))["DetectorId"])


def recorder(account: Account, name: str) -> None:
    account.client("config").put_configuration_recorder(ConfigurationRecorder={"name": name, "roleARN": ROLE})


def test_nothing_stands_in_the_way_of_a_first_one(account: Account) -> None:
    refuse_occupied(account, audit(**ON), None)


def test_what_is_the_audits_own_does_not(account: Account) -> None:
    detector(account, "pr-1")
    recorder(account, "payment-audit-pr-1")
    account.client("securityhub").enable_security_hub()
    refuse_occupied(account, audit(**ON), state(listed("aws_securityhub_account.security_hub", id="123456789012")))


def test_every_one_of_somebody_elses_is_named_with_its_remedy(account: Account) -> None:
    theirs = detector(account, "pr-12")
    recorder(account, "default")
    account.client("securityhub").enable_security_hub()
    with pytest.raises(OccupiedError) as refused:
        refuse_occupied(account, audit(**ON), state(listed("aws_kms_key.audit_key", id="1")))
    message = str(refused.value)
    assert f"`aws guardduty delete-detector --detector-id {theirs}`" in message
    assert "--configuration-recorder-name default`" in message
    assert "`aws securityhub disable-security-hub`" in message
    assert message.endswith("Nothing was made")
    refuse_occupied(account, audit(), None)


def test_other_architectures_have_nothing_to_do_with_it(account: Account) -> None:
    detector(account, "pr-12")
    refuse_occupied(account, load_settings(_env_file=None, account_guardduty=True), None)


def test_an_answer_that_says_neither_is_no_answer(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = account.client("securityhub")
    hub.enable_security_hub()
    client = account.client

    def refuse(service: str, region: str | None = None) -> Any:
        found = client(service, region)
        if service == "securityhub":
            found.meta.events.register("before-call.securityhub.DescribeHub", _denied)
        return found

    monkeypatch.setattr(account, "client", refuse)
    with pytest.raises(Exception, match="AccessDenied"):
        refuse_occupied(account, audit(account_security_hub=True), None)


def _denied(**_: object) -> tuple[Any, dict[str, Any]]:
    class Response:
        status_code = 403

    return Response(), {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
