"""Errors of the databases."""

from local_aws.server import LocalAwsError


class DatabaseError(LocalAwsError):
    """A database server could not be found, started or used."""
