"""What a PostgreSQL cluster holds from the start: the database, the master user, the roles that AWS makes."""

from local_aws.databases.plan import ClusterPlan
from local_aws.databases.postgresql import PostgreSql
from local_aws.databases.postgresql_session import Execute
from local_aws.databases.postgresql_settings import IAM_ROLE, SUPERUSER

REPLICATION_USER = "rdsrepladmin"
"""Aurora's own name for it."""

SUPERUSER_ROLE = "rds_superuser"
PREDEFINED_ROLES = ("pg_monitor", "pg_signal_backend")
"""What it may do without being a superuser
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.rds_superuser.html)."""

ADMIN_OPTIONS_SINCE = 160000
"""Until version 16 who may make roles could give any role to anyone
(https://www.postgresql.org/docs/16/release-16.html#RELEASE-16-PRIVILEGES)."""

OWNED_BY_SUPERUSER = "SELECT 1 FROM pg_database WHERE datname = %s AND datdba = %s::regrole"


def provide(writer: PostgreSql, plan: ClusterPlan, replication_password: str) -> None:
    """Makes them as the plan has them; safe to repeat."""
    with writer.session() as execute:
        for role in (SUPERUSER_ROLE, IAM_ROLE):
            _ensure_role(execute, role)
        for role in PREDEFINED_ROLES:
            execute(f"GRANT {role} TO {SUPERUSER_ROLE} WITH ADMIN OPTION")
        _ensure_role(execute, REPLICATION_USER)
        execute(f"ALTER ROLE {REPLICATION_USER} LOGIN REPLICATION PASSWORD %s", replication_password)
        _ensure_role(execute, plan.username)
        master = _quoted(plan.username)
        execute(f"ALTER ROLE {master} LOGIN NOSUPERUSER INHERIT CREATEDB CREATEROLE PASSWORD %s", plan.password)
        execute(f"GRANT {SUPERUSER_ROLE} TO {master} WITH ADMIN OPTION")
        if int(execute("SHOW server_version_num")[0][0]) >= ADMIN_OPTIONS_SINCE:
            execute(f"GRANT {IAM_ROLE} TO {master} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
        for database in filter(None, ("postgres", plan.database)):
            if not execute("SELECT 1 FROM pg_database WHERE datname = %s", database):
                execute(f"CREATE DATABASE {_quoted(database)}")
            if execute(OWNED_BY_SUPERUSER, database, SUPERUSER):
                execute(f"ALTER DATABASE {_quoted(database)} OWNER TO {master}")


def _ensure_role(execute: Execute, name: str) -> None:
    if not execute("SELECT 1 FROM pg_roles WHERE rolname = %s", name):
        execute(f"CREATE ROLE {_quoted(name)}")


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
