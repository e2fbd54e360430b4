"""Aurora PostgreSQL's side of the migrations: their register, their lock, and the application's user."""

from typing import Any, cast

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from payments.credentials import Login
from payments.engines import Cursor

FOLDER = "postgresql"
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.DBAccounts.html
IAM_ROLE = "rds_iam"

CREATE_REGISTER = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    version VARCHAR(64) COLLATE "C" NOT NULL PRIMARY KEY,
    checksum CHAR(64) COLLATE "C" NOT NULL,
    applied_at TIMESTAMP(6) WITH TIME ZONE NOT NULL
)
"""
# What everyone may do by default: come into the database, make temporary tables, and before PostgreSQL 15 tables.
CLOSE_TO_OTHERS = (
    "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    "GRANT CONNECT ON DATABASE {database} TO {user}",
)


def lock(cursor: Cursor, name: str) -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", (name,))
    return bool(cursor.fetchone()[0])


def unlock(cursor: Cursor, name: str) -> None:
    cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", (name,))


def ensure_user(cursor: Cursor, name: str, login: Login | None) -> None:
    """Who has the role for IAM cannot log in with a password, so that it is one or the other."""
    user = Identifier(name)
    connection = _connection(cursor)
    cursor.execute("SELECT pg_has_role(oid, %s, 'MEMBER') FROM pg_roles WHERE rolname = %s", (IAM_ROLE, name))
    found = cursor.fetchone()
    if found is None:
        _run(cursor, "CREATE ROLE {user} LOGIN", user=user)
    if login is None:
        _run(cursor, "ALTER ROLE {user} PASSWORD NULL", user=user)
        _run(cursor, "GRANT {role} TO {user}", role=Identifier(IAM_ROLE), user=user)
    else:
        # Its SCRAM verifier: a password in a statement could be seen in the server's log.
        verifier = connection.pgconn.encrypt_password(login.password.encode(), name.encode(), b"scram-sha-256")
        _run(cursor, "ALTER ROLE {user} PASSWORD {password}", user=user, password=Literal(verifier.decode()))
        if found and found[0]:
            _run(cursor, "REVOKE {role} FROM {user}", role=Identifier(IAM_ROLE), user=user)
    for statement in CLOSE_TO_OTHERS:
        _run(cursor, statement, database=Identifier(connection.info.dbname), user=user)


def grant(cursor: Cursor, name: str, privileges: str, table: str) -> None:
    _run(cursor, f"GRANT {privileges} ON {table} TO {{user}}", user=Identifier(name))


def _run(cursor: Cursor, statement: str, **parts: Identifier | Literal) -> None:
    """Statements that define something take no values from outside: these become part of them."""
    cursor.execute(SQL(statement).format(**parts).as_string())


def _connection(cursor: Cursor) -> "psycopg.Connection[Any]":
    return cast("psycopg.Cursor[Any]", cursor).connection
