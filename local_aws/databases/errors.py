"""Errors of the databases."""

from local_aws.errors import LocalAwsError


class DatabaseError(LocalAwsError):
    """A database server could not be found, started or used."""
