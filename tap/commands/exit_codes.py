"""How a command ends: exit codes, and one line for what is no fault of the program."""

from __future__ import annotations

from enum import IntEnum

from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError, NoCredentialsError

from lib.settings import SettingsError
from local_aws.server import LocalAwsError
from tap.adoption.account_services import OccupiedError
from tap.adoption.data_loss import DataLossError
from tap.adoption.matching import AmbiguousError
from tap.adoption.ownership import ForeignResourceError, OtherArchitectureError, OtherPlaceError
from tap.adoption.rollout import LeftoverError
from tap.adoption.settling import UnsettledError
from tap.approvals import ApprovalError
from tap.deployment import SynthesisError
from tap.environment import EnvironmentNotFoundError
from tap.expiry.errors import ClockError, ExtensionError, LifetimeError, NoExpiryError
from tap.inventory.errors import InventoryError
from tap.payment_client import CredentialsError
from tap.payment_sending import NoAnswerError
from tap.provider_mirror import ProviderMirrorError
from tap.recovery.errors import RecoveryFailedError, RecoveryRefusedError
from tap.removal.preview import OtherRegionError
from tap.removal.protection import DeletionProtectionError, ProtectedError
from tap.removal.switched_database import StillFollowedError
from tap.state_unlock import UnlockError
from tap.terraform_errors import TerraformError, TerraformInterruptedError
from tap.toolchain import ToolchainError


class ExitCode(IntEnum):
    """What the exit codes mean; the same for every command."""

    OK = 0
    FAILED = 1
    """Refused, answered with an error, or not done in the time given."""
    USAGE = 2
    """An option or an input cannot be used."""
    UNREACHABLE = 3
    """The environment was not found, not reachable, or not permitted."""
    DRIFT = 10
    """`env verify`: what exists is not as the state says."""
    LEFTOVERS = 11
    """`env verify`: something exists that the state does not list."""
    DRIFT_AND_LEFTOVERS = 12
    INTERRUPTED = 130


def explain(error: Exception) -> tuple[str, ExitCode] | None:
    """The line and the exit code for an error, or None for one that is a fault of the program."""
    match error:
        case SettingsError() | LifetimeError() | SynthesisError():
            return str(error), ExitCode.USAGE
        case TerraformInterruptedError():
            return str(error), ExitCode.INTERRUPTED
        case ApprovalError() | NoExpiryError() | ExtensionError() | UnlockError():
            return str(error), ExitCode.FAILED
        case ProtectedError() | DeletionProtectionError() | TerraformError():
            return str(error), ExitCode.FAILED
        case DataLossError() | AmbiguousError() | ForeignResourceError() | UnsettledError():
            return str(error), ExitCode.FAILED
        case OccupiedError() | OtherPlaceError() | OtherArchitectureError() | LeftoverError() | StillFollowedError():
            return str(error), ExitCode.FAILED
        case ToolchainError() | ProviderMirrorError() | RecoveryRefusedError() | RecoveryFailedError():
            return str(error), ExitCode.FAILED
        case EnvironmentNotFoundError() | OtherRegionError() | InventoryError() | NoAnswerError():
            return str(error), ExitCode.UNREACHABLE
        case CredentialsError() | LocalAwsError() | ClockError():
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
