"""Who is asking, in which account, and whether the clocks agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from boto3 import Session
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

from lib.settings import Settings
from tap.account import Account
from tap.doctor.check import Check
from tap.doctor.examination import REACH

GROUP = "Account"
# A signature is good for five minutes:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/signing-elements.html
MAXIMUM_SKEW_SECONDS = 300
NOTED_SKEW_SECONDS = 60
SOON_HOURS = 2
"""A deployment and its removal, with room: credentials that end earlier can end in the middle of one."""

CREDENTIALS = "log in again (`aws sso login`), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and its secret"


class UnreachableError(Exception):
    """The account could not be reached; `checks` say why."""

    def __init__(self, checks: list[Check]) -> None:
        super().__init__("; ".join(check.found for check in checks))
        self.checks = checks


@dataclass(frozen=True)
class Identity:
    """The answer of GetCallerIdentity, and by how many seconds AWS's clock is ahead of this computer's, if known."""

    account_id: str
    arn: str
    skew_seconds: float | None

    @classmethod
    def ask(cls, account: Account) -> Identity:
        """Ask the Region, then the partition's first one: a Region that is not enabled knows no credentials.

        Raises UnreachableError.
        """
        fault: UnreachableError | None = None
        for region in dict.fromkeys([account.region, account.global_region]):
            try:
                answer = account.client("sts", region).get_caller_identity()
                return cls(answer["Account"], answer["Arn"], _skew(answer))
            except ClientError as error:
                fault = fault or UnreachableError(list(_refused(error)))
            except (NoCredentialsError, PartialCredentialsError):
                fault = UnreachableError([Check.fault(GROUP, "credentials", "there are none", CREDENTIALS)])
                break
            except BotoCoreError as error:
                raise UnreachableError([Check.fault(GROUP, "credentials", str(error), REACH)]) from None
        assert fault is not None
        raise fault

    @property
    def kind(self) -> str:
        """What the credentials stand for: `root user`, `user`, `role`, `federated user`."""
        resource = self.arn.split(":", 5)[5]
        kinds = {"root": "root user", "user": "user", "assumed-role": "role", "federated-user": "federated user"}
        return kinds.get(resource.partition("/")[0], resource.partition("/")[0])


def _refused(error: ClientError) -> Iterator[Check]:
    skew = _skew(error.response)
    if skew is not None and abs(skew) >= MAXIMUM_SKEW_SECONDS:
        yield from clock(skew)
    details = error.response["Error"]
    yield Check.fault(GROUP, "credentials", f"AWS refuses them: {details['Code']}: {details['Message']}", CREDENTIALS)


def _skew(response: Any) -> float | None:
    date = response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    if not date:
        return None
    try:
        return (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return None


def clock(skew: float | None) -> Iterator[Check]:
    """This computer's clock against AWS's."""
    if skew is None:
        yield Check.not_checked(GROUP, "clock", "the answer had no date", "compare the clock with another one")
        return
    where = "behind" if skew > 0 else "ahead of"
    shown = f"{abs(skew):.0f} s {where} AWS's"
    remedy = "set the clock: `timedatectl set-ntp true`, on macOS `sudo sntp -sS time.apple.com`"
    if abs(skew) >= MAXIMUM_SKEW_SECONDS:
        yield Check.fault(GROUP, "clock", f"{shown}: AWS refuses signatures after 5 minutes", remedy)
    elif abs(skew) > NOTED_SKEW_SECONDS:
        yield Check.warning(GROUP, "clock", shown, remedy)
    else:
        yield Check.ok(GROUP, "clock", "within a minute of AWS's")


def credentials(identity: Identity, session: Session, now: datetime) -> Iterator[Check]:
    """Whose credentials they are, and when they end. The credentials themselves are shown nowhere."""
    shown = f"{identity.kind} {identity.arn}"
    held = session.get_credentials()
    temporary = held is not None and held.token is not None
    # botocore keeps the end of credentials only here. Those that name none, such as a pasted token, have no end.
    end: datetime | None = getattr(held, "_expiry_time", None)
    # What botocore has from elsewhere (a role, single sign-on, an instance) it renews by itself.
    renewed = held is not None and held.method not in ("env", "shared-credentials-file")
    if identity.kind == "root user":
        remedy = "use a role or a user instead, and delete the root user's access keys in the console"
        yield Check.warning(GROUP, "credentials", f"{shown}: the root user may do everything", remedy)
    elif end is not None and not renewed and (end - now).total_seconds() < SOON_HOURS * 3600:
        minutes = max(0, int((end - now).total_seconds() // 60))
        remedy = "get new ones before a deployment, which they could end in the middle of"
        yield Check.warning(GROUP, "credentials", f"{shown}; they end in {minutes} minutes", remedy)
    elif end is not None and not renewed:
        yield Check.ok(GROUP, "credentials", f"{shown}; they end at {end.isoformat(timespec='minutes')}")
    else:
        how = "; temporary" + (", renewed by themselves" if renewed else "") if temporary else ""
        yield Check.ok(GROUP, "credentials", shown + how)


def there(account: Account) -> Iterator[Check]:
    """Whether the credentials are good in another Region too: in one that is not enabled they are not.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html
    """
    try:
        account.client("sts").get_caller_identity()
    except ClientError as error:
        found = f"refused in {account.region}: {error.response['Error']['Code']}"
        yield Check.fault(
            GROUP, "secondary credentials", found, "enable the Region, or set SECONDARY_REGION to another"
        )
    else:
        yield Check.ok(GROUP, "secondary credentials", f"accepted in {account.region}")


def account_number(identity: Identity, settings: Settings) -> Iterator[Check]:
    """Whether this is the account that AWS_ACCOUNT_ID allows."""
    wanted = settings.aws_account_id
    if wanted is None:
        found = f"{identity.account_id}; AWS_ACCOUNT_ID is not set, so any account may be deployed to"
        if settings.protected:
            remedy = f"set AWS_ACCOUNT_ID={identity.account_id} if that is the one"
            yield Check.warning(GROUP, "account", found, remedy)
        else:
            yield Check.ok(GROUP, "account", found)
    elif wanted == identity.account_id:
        yield Check.ok(GROUP, "account", f"{identity.account_id}, as AWS_ACCOUNT_ID says")
    else:
        remedy = f"use credentials of {wanted}, or set AWS_ACCOUNT_ID={identity.account_id} if that is the one"
        yield Check.fault(GROUP, "account", f"{identity.account_id} instead of AWS_ACCOUNT_ID={wanted}", remedy)
