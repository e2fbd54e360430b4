"""The function's zip file: what goes into it, and how it gets the same bytes everywhere."""

import zipfile
from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from lib.compute.dependencies import PackageError

# The AWS services that the payments' code calls; botocore has the descriptions of 400 more.
SERVICES = {
    "dynamodb": "sessions",
    "events": "events about payments",
    "secretsmanager": "the database's credentials",
    "ssm": "configuration",
    "stepfunctions": "the approval workflow",
    "xray": "the rules by which the X-Ray SDK samples",
}
# Beside those, in each package of functions.
RECOVERY_SERVICES = {
    "cloudwatch": "how far the other Region's ledger is behind",
    "rds": "the ledger's clusters, which a recovery moves",
    "route53": "where the API's name leads, after a failover",
}
# Beside those, in the package of the container architecture.
DEPLOYMENT_SERVICES = {
    "codebuild": "the service's image, built at deploy",
    "codedeploy": "the service's traffic, shifted at deploy",
    "ecr": "whether the service's image is there",
    "ecs": "what the service runs",
}

# Patterns of paths, `*` crossing folders, and why the function does without.
DROPPED = {
    "*.pyc": "bytecode, which depends on the Python that wrote it",
    "*.pyi": "for type checkers",
    "*/py.typed": "for type checkers",
    "bin/*": "commands, which hold the path of the Python that installed them",
    "iso4217/test.py": "its tests",
    "boto3/data/*": "for boto3.resource(), which the function does not use",
    "boto3/examples/*": "documentation",
    "botocore/data/*/examples-1.json": "documentation",
    "aws_lambda_powertools/event_handler/*": "the function has its own routes, shared with other fronts",
    "aws_lambda_powertools/utilities/auth_alpha/*": "not used",
    "aws_lambda_powertools/utilities/circuit_breaker/*": "not used",
    "aws_lambda_powertools/utilities/data_masking/*": "not used",
    "aws_lambda_powertools/utilities/feature_flags/*": "not used",
    "aws_lambda_powertools/utilities/idempotency/*": "not used: an answer's cache must not be the judge of payments",
    "aws_lambda_powertools/utilities/kafka/*": "not used",
    "aws_lambda_powertools/utilities/parser/*": "not used, and needs pydantic",
    "aws_lambda_powertools/utilities/streaming/*": "not used",
    "aws_lambda_powertools/utilities/validation/*": "not used",
}

KEPT_METADATA = ("METADATA", "LICENSE*", "NOTICE*", "COPYING*", "AUTHORS*", "licenses/*")
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
REGULAR_FILE_READABLE_BY_ALL = 0o100644 << 16
UNIX = 3


def source_files(folder: Path) -> dict[str, Path]:
    """The functions' modules and migrations, by their path in the zip file. Raises `PackageError` if there are none."""
    files = dict(_files(folder, "*.py"))
    if not files:
        raise PackageError(f"{folder} holds no Python files; the function's sources belong there")
    return files | dict(_files(folder, "*.sql"))


def needed_files(dependencies: Path, services: Collection[str] = SERVICES.keys()) -> dict[str, Path]:
    """The libraries' files that functions need which call these services, by their path in the zip file."""
    return {name: path for name, path in _files(dependencies, "*") if _is_needed(name, services)}


def write_archive(path: Path, *groups: Mapping[str, Path]) -> None:
    """Writes the files as a zip file whose bytes follow from their names and contents alone.

    Names are sorted, times and permissions fixed. The files are stored and not compressed, since compressed bytes
    differ between builds of zlib. Raises `PackageError` if two groups hold a file of the same name.
    """
    files: dict[str, Path] = {}
    for group in groups:
        if clash := sorted(files.keys() & group.keys()):
            raise PackageError(f"{clash[0]} is both a library's and the function's; rename the function's module")
        files.update(group)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, FIXED_TIME)
            entry.create_system = UNIX
            entry.external_attr = REGULAR_FILE_READABLE_BY_ALL
            archive.writestr(entry, files[name].read_bytes())


def _files(folder: Path, pattern: str) -> Iterator[tuple[str, Path]]:
    for path in folder.rglob(pattern):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path


def _is_needed(name: str, services: Collection[str]) -> bool:
    if any(fnmatchcase(name, pattern) for pattern in DROPPED):
        return False
    parts = PurePosixPath(name).parts
    if parts[0].endswith(".dist-info"):
        return any(fnmatchcase("/".join(parts[1:]), pattern) for pattern in KEPT_METADATA)
    if parts[:2] == ("botocore", "data") and len(parts) > 3:
        return parts[2] in services
    return True
