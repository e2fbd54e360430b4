"""Aurora MySQL's side of the migrations: their register, their lock, and the application's user."""

from pymysql.err import MySQLError

from payments.credentials import Login
from payments.engines import Cursor

FOLDER = "mysql"
# A database without second passwords (syntax error), or a master user who may not give them (access denied).
NO_SECOND_PASSWORD = (1064, 1227)

CREATE_REGISTER = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    version VARCHAR(64) NOT NULL PRIMARY KEY,
    checksum CHAR(64) NOT NULL,
    applied_at DATETIME(6) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET ascii COLLATE ascii_bin
"""


def lock(cursor: Cursor, name: str) -> bool:
    cursor.execute("SELECT GET_LOCK(%s, 0)", (name,))
    return bool(cursor.fetchone() == (1,))


def unlock(cursor: Cursor, name: str) -> None:
    cursor.execute("SELECT RELEASE_LOCK(%s)", (name,))


def ensure_user(cursor: Cursor, name: str, login: Login | None) -> None:
    """The password of before stays valid where the database can keep two (MySQL, Aurora; MariaDB cannot)."""
    if login is None:
        # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.DBAccounts.html
        cursor.execute("CREATE USER IF NOT EXISTS %s@'%%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS'", (name,))
    else:
        cursor.execute("CREATE USER IF NOT EXISTS %s@'%%' IDENTIFIED BY %s", (name, login.password))
        _set_password(cursor, name, login.password)
    cursor.execute("ALTER USER %s@'%%' REQUIRE SSL", (name,))


def grant(cursor: Cursor, name: str, privileges: str, table: str) -> None:
    cursor.execute(f"GRANT {privileges} ON {table} TO %s@'%%'", (name,))


def _set_password(cursor: Cursor, name: str, password: str) -> None:
    try:
        cursor.execute("ALTER USER %s@'%%' IDENTIFIED BY %s RETAIN CURRENT PASSWORD", (name, password))
    except MySQLError as error:
        if error.args[0] not in NO_SECOND_PASSWORD:
            raise
        cursor.execute("ALTER USER %s@'%%' IDENTIFIED BY %s", (name, password))
