"""PostgreSQL's programs, the user that they run as (root may not), and the data folders that they make."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local_aws.databases.errors import DatabaseError
from tap.postgresql_programs import REMEDY, PostgreSqlPrograms, postgresql_programs

ROOTS_USER = "nobody"
"""Whom the programs run as where this process is root's."""


@dataclass(frozen=True)
class Upstream:
    """A server to copy and follow, and the login for that."""

    address: str
    port: int
    user: str
    password: str = field(repr=False)
    ca_file: Path

    def text(self, password: str | None = None) -> str:
        """It as a connection string, in which a password is to be seen if it is given.

        That the certificate is for the address, PostgreSQL's own library checks only from version 15 on.
        """
        parts = {
            "host": self.address,
            "port": str(self.port),
            "user": self.user,
            "sslmode": "verify-ca",
            "sslrootcert": str(self.ca_file),
            "gssencmode": "disable",
            "connect_timeout": "5",
        }
        if password is not None:
            parts["password"] = password
        escaped = {name: value.replace("\\", r"\\").replace("'", r"\'") for name, value in parts.items()}
        return " ".join(f"{name}='{value}'" for name, value in escaped.items())


def command_as_user(command: Sequence[str]) -> list[str]:
    """The command, to be run as a user that PostgreSQL accepts: its programs refuse to be root's.

    The other user gets root's way through folders and files (CAP_DAC_OVERRIDE), as data may lie where only root comes,
    and ends with its parent still: the kernel forgets that when a process changes its user
    (https://man7.org/linux/man-pages/man2/pr_set_pdeathsig.2const.html).
    """
    if os.geteuid() != 0:
        return list(command)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise DatabaseError(
            "PostgreSQL does not run as root, and setpriv, with which root runs it as another user, is missing. "
            "Install util-linux, or do not be root."
        )
    user = pwd.getpwnam(ROOTS_USER)
    identity = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    capability = ["--inh-caps=-all,+dac_override", "--ambient-caps=+dac_override"]
    return [setpriv, *identity, *capability, "--pdeathsig=KILL", "--", *command]


def has_data(folder: Path) -> bool:
    """Whether it is a data folder whose making came to its end."""
    return (folder / "PG_VERSION").exists() and not _unfinished(folder).exists()


def make_data_folder(folder: Path, programs: PostgreSqlPrograms, *, superuser: str) -> None:
    """Makes it, unless it is there: in UTF-8, sorted byte by byte, with one superuser. Raises DatabaseError."""
    if has_data(folder):
        return
    command = [
        str(programs.installer),
        f"--pgdata={folder}",
        f"--username={superuser}",
        "--auth=reject",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    ]
    _fill(folder, programs, command)


def copy_data_folder(folder: Path, programs: PostgreSqlPrograms, source: Upstream) -> None:
    """Makes it anew, with all that is in another server, which runs. Raises DatabaseError.

    The program for that lies where the server's own does; what is on PATH may be a link to that.
    """
    copier = programs.server.resolve().with_name("pg_basebackup")
    command = [str(copier), f"--pgdata={folder}", f"--dbname={source.text()}", "--checkpoint=fast", "--no-sync"]
    _fill(folder, programs, command, PGPASSWORD=source.password)


def give_to_user(folder: Path) -> None:
    """Makes an existing folder, with all in it, that of whom the programs run as: a server refuses another's."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, ROOTS_USER)


def _fill(folder: Path, programs: PostgreSqlPrograms, command: Sequence[str], **variables: str) -> None:
    """Runs what fills an empty folder with data."""
    shutil.rmtree(folder, ignore_errors=True)
    _unfinished(folder).touch()
    folder.mkdir(mode=0o700)
    give_to_user(folder)
    result = subprocess.run(
        command_as_user(command),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**programs.environment(), **variables},
    )
    if result.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise DatabaseError(f"PostgreSQL's data folder could not be made:\n{(result.stdout + result.stderr)[-2000:]}")
    _unfinished(folder).unlink()


def _unfinished(folder: Path) -> Path:
    """There while the folder is being made: a data folder that was interrupted looks whole."""
    return folder.with_name(f"{folder.name}.unfinished")


def find_postgresql() -> PostgreSqlPrograms:
    """PostgreSQL's programs. Raises DatabaseError with the remedy if they are missing."""
    found = postgresql_programs()
    if found is None:
        raise DatabaseError(f"PostgreSQL was not found. Run `make setup`. {REMEDY}")
    return found
