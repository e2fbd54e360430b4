"""Parameters are held to the limits of the service model."""

import json
from typing import Any

import pytest

from local_aws.constraints import check
from local_aws.errors import AwsError
from tests.unit.local_aws.test_calls import FORM, call_of


def events(operation: str, **parameters: Any) -> None:
    body = json.dumps(parameters)
    headers = {"HTTP_X_AMZ_TARGET": f"AWSEvents.{operation}", "CONTENT_TYPE": "application/x-amz-json-1.1"}
    check(call_of(signing_name="events", method="POST", path="/", body=body, **headers))


def test_allowed_parameters_pass() -> None:
    events("PutRule", Name="payment-events-dev", EventPattern="{}", Tags=[{"Key": "a", "Value": "b"}])


@pytest.mark.parametrize(
    ("parameters", "fault"),
    [
        ({}, "Value 'null' at 'Name' failed to satisfy constraint: Member must not be null"),
        ({"Name": "r" * 65}, "at 'Name' .*length less than or equal to 64"),
        ({"Name": ""}, "at 'Name' .*length greater than or equal to 1"),
        ({"Name": "a b"}, "at 'Name' .*regular expression pattern"),
        ({"Name": "a", "State": "ON"}, "at 'State' .*enum value set: .*ENABLED"),
        ({"Name": "a", "Tags": [{"Key": "a"}]}, r"at 'Tags\.1\.member\.Value' .*must not be null"),
    ],
)
def test_parameters_beyond_a_limit_are_refused(parameters: dict[str, Any], fault: str) -> None:
    with pytest.raises(AwsError, match=fault) as caught:
        events("PutRule", **parameters)
    assert caught.value.code == "ValidationException"


def test_numbers_have_a_range() -> None:
    archive = {"ArchiveName": "a", "EventSourceArn": "arn:aws:events:eu-west-1:123456789012:event-bus/b"}
    with pytest.raises(AwsError, match=r"at 'RetentionDays' .*value greater than or equal to 0"):
        events("CreateArchive", **archive, RetentionDays=-1)


def test_code_is_that_of_the_protocol() -> None:
    body = f"Action=CreateRole&RoleName={'r' * 65}&AssumeRolePolicyDocument=%7B%7D"
    with pytest.raises(AwsError, match="RoleName") as caught:
        check(call_of(signing_name="iam", method="POST", path="/", body=body, **FORM))
    assert caught.value.code == "ValidationError"
