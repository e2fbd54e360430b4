"""Something that is looked at by itself: what goes wrong in it stays in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from tap.doctor.check import Check
from tap.doctor.permissions import missing_action

REACH = "check the network, AWS_REGION and AWS_ENDPOINT_URL, then run `tap doctor` again"
AGAIN = "run `tap doctor` again; if it stays so, look the error up in AWS's documentation of the operation"


class CannotCheckError(Exception):
    """What has to be known first is not known; `remedy` says how to get to know it."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


@dataclass(frozen=True)
class Examination:
    """`run` makes the checks; if AWS or this computer does not let it, one check `name` says so."""

    group: str
    name: str
    run: Callable[[], Iterable[Check]]

    def checks(self) -> list[Check]:
        """What was found. Raises only what is a fault of the program."""
        try:
            return list(self.run())
        except CannotCheckError as error:
            return [self._not_checked(str(error), error.remedy)]
        except ClientError as error:
            action = missing_action(error)
            if action is not None:
                return [self._not_checked(f"not permitted: {action}", f"allow {action} to these credentials")]
            details = error.response["Error"]
            message = (details.get("Message") or "").partition("\n")[0]
            return [self._not_checked(f"{error.operation_name}: {details['Code']} {message}".rstrip(), AGAIN)]
        except (BotoCoreError, OSError) as error:
            return [self._not_checked(str(error), REACH)]

    def skipped(self, reason: str, remedy: str) -> list[Check]:
        """The answer without looking."""
        return [self._not_checked(reason, remedy)]

    def _not_checked(self, reason: str, remedy: str) -> Check:
        return Check.not_checked(self.group, self.name, reason, remedy)
