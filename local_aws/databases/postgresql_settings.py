"""PostgreSQL's own files of settings: what it is like, and who may come in
(https://www.postgresql.org/docs/current/auth-pg-hba-conf.html)."""

from collections.abc import Mapping
from dataclasses import dataclass

from local_aws.databases.ldap_verifier import ADDRESS

SUPERUSER = "rdsadmin"
"""AWS's own name for it, which no master user may have
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.MasterAccounts.html)."""

IAM_ROLE = "rds_iam"
"""Its members log in with tokens alone
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.DBAccounts.html)."""

SETTINGS = {"shared_buffers": "32MB", "timezone": "UTC", "log_timezone": "UTC", "ssl": "on"}
"""What is committed is on disk, as in Aurora: that is PostgreSQL's default. These keep it small, and in UTC."""

SUPERUSERS_ACCESS = f"local all {SUPERUSER} trust", f"hostssl all {SUPERUSER} all reject"
PASSWORDS = "hostssl all all all scram-sha-256", "hostssl replication all all scram-sha-256"
"""The superuser has no password: it may come through the socket alone, which only this user can reach. Who comes over
the network without TLS meets no line, and is refused."""


@dataclass(frozen=True)
class TokenAccess:
    """Where PostgreSQL asks whether a token opens it: an LDAP server's port, and what goes around a user's name.

    Who may give the role for tokens to others counts as its member from PostgreSQL 16 on, so that the master user is an
    exception, who always comes with a password. In Aurora one who has been given the role loses the password.
    """

    port: int
    prefix: str
    suffix: str
    master_user: str

    @property
    def lines(self) -> tuple[str, ...]:
        server = f'ldapserver={ADDRESS} ldapport={self.port} ldapprefix="{self.prefix}" ldapsuffix="{self.suffix}"'
        return f"hostssl all {_name(self.master_user)} all scram-sha-256", f"hostssl all +{IAM_ROLE} all ldap {server}"


def access_text(tokens: TokenAccess | None) -> str:
    """The content of pg_hba.conf: the first line that fits a client decides."""
    return "\n".join([*SUPERUSERS_ACCESS, *(tokens.lines if tokens else ()), *PASSWORDS, ""])


def settings_text(settings: Mapping[str, str]) -> str:
    """The content of postgresql.conf."""
    return "".join(f"{name} = {quoted(value)}\n" for name, value in settings.items())


def quoted(value: str) -> str:
    """A value in single quotes, as in postgresql.conf."""
    doubled = value.replace("\\", r"\\").replace("'", "''")
    return f"'{doubled}'"


def _name(user: str) -> str:
    """A user's name that is none of the words with a meaning of their own."""
    doubled = user.replace('"', '""')
    return f'"{doubled}"'
