"""How a command ends: exit codes, and one line for what is no fault of the program."""

from __future__ import annotations

from enum import IntEnum

from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError, NoCredentialsError

from lib.settings import SettingsError
from local_aws.errors import LocalAwsError
from tap.approvals import ApprovalError
from tap.environment import EnvironmentNotFoundError
from tap.payment_client import CredentialsError
from tap.payment_sending import NoAnswerError


class ExitCode(IntEnum):
    """What the exit codes mean; the same for every command."""

    OK = 0
    FAILED = 1
    """Refused, answered with an error, or not done in the time given."""
    USAGE = 2
    """An option or an input cannot be used."""
    UNREACHABLE = 3
    """The environment was not found, not reachable, or not permitted."""
    INTERRUPTED = 130


def explain(error: Exception) -> tuple[str, ExitCode] | None:
    """The line and the exit code for an error, or None for one that is a fault of the program."""
    match error:
        case SettingsError():
            return str(error), ExitCode.USAGE
        case ApprovalError():
            return str(error), ExitCode.FAILED
        case EnvironmentNotFoundError() | NoAnswerError() | CredentialsError() | LocalAwsError():
            return str(error), ExitCode.UNREACHABLE
        case NoCredentialsError():
            return "no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and its secret", ExitCode.UNREACHABLE
        case ConnectionError() | HTTPClientError():
            return (
                f"AWS is not reachable: {error}; check the network, AWS_REGION, AWS_ENDPOINT_URL",
                ExitCode.UNREACHABLE,
            )
        case ClientError() | BotoCoreError():
            return f"AWS: {error}", ExitCode.UNREACHABLE
        case _:
            return None
