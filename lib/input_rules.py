"""What an input must be: one function for each rule, whose error says the remedy."""

from __future__ import annotations

import ipaddress
import re

from lib.availability import CANARY_RUNTIME_ENDS, LAMBDA_RUNTIME_ENDS, partition_of

SUFFIX_PATTERN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SUFFIX_MAX_LENGTH = 20
RESERVED_DOMAINS = ("example.com", "example.net", "example.org")
# Top-level domains that no public DNS serves.
PRIVATE_TOP_LEVEL_DOMAINS = ("local", "internal", "test", "lan", "home", "corp", "localhost", "invalid", "example")


def none_if_blank(value: object) -> object:
    """Return None for the empty text that a shell or a workflow passes for "not set"."""
    return None if value == "" else value


def usable_suffix(value: str) -> str:
    if len(value) <= SUFFIX_MAX_LENGTH and SUFFIX_PATTERN.fullmatch(value):
        return value
    raise ValueError(
        f"use at most {SUFFIX_MAX_LENGTH} characters of a-z and 0-9 with single hyphens between them, "
        f"for example {suggest_suffix(value)!r}"
    )


def suffixes(value: str) -> str:
    """Return the suffixes, each usable, with commas and without spaces between them."""
    found = [part.strip() for part in value.split(",") if part.strip()]
    for part in found:
        try:
            usable_suffix(part)
        except ValueError as error:
            raise ValueError(f"{part!r} is no suffix: {error}") from None
    return ",".join(found)


def suggest_suffix(value: str) -> str:
    """Return a usable suffix close to `value`."""
    cleaned = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")
    return cleaned[:SUFFIX_MAX_LENGTH].strip("-") or "dev"


def known_region(value: str) -> str:
    if partition_of(value):
        return value
    raise ValueError("no such AWS Region; use one such as 'us-east-1' or 'eu-west-1'")


def known_region_or_none(value: str | None) -> str | None:
    return value if value is None else known_region(value)


def private_slash_16(value: str) -> str:
    remedy = "use a private IPv4 /16 such as 10.0.0.0/16"
    try:
        network = ipaddress.ip_network(value)
    except ValueError as error:
        raise ValueError(f"{error}; {remedy}") from None
    if network.version != 4 or network.prefixlen != 16 or not network.is_private:
        raise ValueError(remedy)
    return value


def resolvable_domain(value: str) -> str:
    label = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    if len(value) > 200 or not re.fullmatch(rf"{label}(?:\.{label})+", value):
        raise ValueError("use a lower-case DNS name of two labels or more, such as testing.local")
    if is_reserved(value):
        raise ValueError("this domain is reserved and never resolves; use a domain that you own, or testing.local")
    return value


def is_reserved(domain: str) -> bool:
    """Return whether the domain is one that documentation uses and nobody can own."""
    return domain in RESERVED_DOMAINS or domain.endswith(tuple(f".{name}" for name in RESERVED_DOMAINS))


def is_owned(domain: str) -> bool:
    """Return whether public DNS can serve the domain."""
    return domain.rsplit(".", 1)[-1] not in PRIVATE_TOP_LEVEL_DOMAINS


def never_none(value: object) -> object:
    if str(value).upper() == "NONE":
        raise ValueError("that opens payments to everyone; use AWS_IAM")
    return value


def email_address(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        raise ValueError("use an e-mail address such as oncall@your-company.com")
    return value


def supported_runtime(value: str) -> str:
    if value not in LAMBDA_RUNTIME_ENDS:
        raise ValueError(f"not a supported runtime; use one of {', '.join(LAMBDA_RUNTIME_ENDS)}")
    return value


def supported_canary_runtime(value: str) -> str:
    if value not in CANARY_RUNTIME_ENDS:
        raise ValueError(f"not a supported canary runtime; use one of {', '.join(CANARY_RUNTIME_ENDS)}")
    return value


def provisioned_class(value: str) -> str:
    if value == "db.serverless":
        raise ValueError("Serverless v2 cannot be backtracked; use a provisioned class such as db.r5.large")
    if not re.fullmatch(r"db\.[a-z0-9-]+\.[a-z0-9]+", value):
        raise ValueError("use an instance class such as db.r5.large")
    return value


def three_zone_letters(value: str | None) -> str | None:
    if value is not None and (not re.fullmatch(r"[a-f],[a-f],[a-f]", value) or len(set(value.split(","))) != 3):
        raise ValueError("use three different zone letters, such as a,b,c")
    return value


def account_number(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"\d{12}", value):
        raise ValueError("use the 12 digits of an AWS account")
    return value
