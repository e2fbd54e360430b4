"""MariaDB's data folders, as they are at first."""

import atexit
import getpass
import shutil
import subprocess
from functools import cache
from pathlib import Path
from threading import Lock

from local_aws.databases.errors import DatabaseError
from local_aws.process_folders import process_folder
from tap.mariadb_programs import MariaDbPrograms

LOG_SIZE = "--innodb-log-file-size=32M"
"""Of a server too, which otherwise makes its log anew at its first start."""

_turn = Lock()


def make_data_folder(folder: Path, programs: MariaDbPrograms) -> None:
    """Makes it. That takes seconds once in a process; what follows are copies. Raises DatabaseError."""
    with _turn:
        first = _first(programs)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(first, folder)


@cache
def _first(programs: MariaDbPrograms) -> Path:
    """The folder that all others of this process are copies of."""
    place = process_folder("mariadb-data")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    # A server that starts removes all tables from its folder of temporary ones.
    for name in ("data", "tmp"):
        (place / name).mkdir(mode=0o700)
    command = [
        str(programs.installer),
        "--no-defaults",
        *programs.options,
        f"--datadir={place / 'data'}",
        f"--tmpdir={place / 'tmp'}",
        f"--user={getpass.getuser()}",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        "--skip-name-resolve",
        "--force",
        LOG_SIZE,
    ]
    result = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=programs.environment()
    )
    if result.returncode:
        raise DatabaseError(f"MariaDB's data folder could not be made:\n{(result.stdout + result.stderr)[-2000:]}")
    return place / "data"
