"""Credentials of a task's role, for as long as the task runs."""

from typing import Any

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from local_aws.containers.errors import TaskStartError
from local_aws.functions.execution_role import role_trusts

PRINCIPAL = "ecs-tasks.amazonaws.com"
PARTITION = "aws"
SECONDS = 6 * 3600


class TaskCredentials:
    """Keys with which a task is its role. Without a role there are none. Raises TaskStartError."""

    def __init__(self, role_arn: str, task_arn: str) -> None:
        self._role: Any = None
        _, _, _, region, account, _ = task_arn.split(":", 5)
        self._account = account
        if not role_arn:
            return
        require_trust(role_arn, account, region)
        self._role = sts_backends[account][PARTITION].assume_role(
            region_name=region,
            role_session_name=task_arn.rpartition("/")[2],
            role_arn=role_arn,
            policy="",
            duration=SECONDS,
            external_id="",
        )

    def variables(self) -> dict[str, str]:
        """Environment variables for AWS's clients."""
        if self._role is None:
            return {}
        return {
            "AWS_ACCESS_KEY_ID": self._role.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self._role.secret_access_key,
            "AWS_SESSION_TOKEN": self._role.session_token,
        }

    def end(self) -> None:
        """From now on the keys are nobody's."""
        roles = sts_backends[self._account][PARTITION].assumed_roles
        if self._role in roles:
            roles.remove(self._role)
            iam_backends[self._account][PARTITION].access_keys.pop(self._role.access_key_id, None)


def require_trust(role_arn: str, account: str, region: str) -> None:
    """Raises TaskStartError if tasks may not take the role."""
    if not role_arn or not role_trusts(role_arn, PRINCIPAL, f"arn:{PARTITION}:ecs:{region}:{account}:*"):
        raise TaskStartError(
            "ResourceInitializationError", f"ECS was unable to assume the role '{role_arn}' that was provided"
        )
