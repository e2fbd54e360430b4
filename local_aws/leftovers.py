"""What a user made and what still exists, found by walking the collections of moto's loaded backends."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from moto.core.base_backend import AccountSpecificBackend, BackendDict, BaseBackend

from local_aws import containers
from local_aws.registry import patch

GONE = frozenset(
    {"deleted", "deleting", "terminated", "pendingdeletion", "pendingreplicadeletion", "inactive", "expired"}
)
"""States in which AWS goes on showing what no longer exists. A KMS key waits at least 7 days for its deletion."""

BOOKKEEPING = {
    "acm": {"_idempotency_tokens"},
    "cloudwatch": {"metric_data", "paged_metric_data"},
    "codedeploy": {"blue_green_deployments"},
    "ec2": {"tags"},
    "events": {"replays"},
    "fis": {"own_experiments", "own_experiment_tokens"},
    "rds": {"events", "resource_map"},
    "route53": {"resource_tags"},
    "securityhub": {"hub_settings", "tags"},
    "servicediscovery": {"operations"},
    "sns": {"_message_public_keys"},
    "sts": {"assumed_roles"},
}
"""Collections that are not resources, by service: measurements, histories, indexes, tags by resource."""

Held = Callable[[Any], Mapping[str, object]]
NESTED: dict[str, dict[str, Held]] = {
    "ecs": {"running_tasks": lambda backend: containers.tasks_in(backend.account_id, backend.region_name)},
    "lambda": {"functions": lambda backend: backend._lambdas._functions},
    "scheduler": {
        "schedules": lambda backend: {
            schedule.arn: schedule
            for group in list(backend.schedule_groups.values())
            for schedule in list(group.schedules.values())
        }
    },
    "securityhub": {"hubs": lambda backend: {"default": True} if backend.enabled else {}},
}
"""Collections that moto, or the local AWS itself, keeps inside of other objects, by service."""

AWS_OWNED = ("default.",)
"""Prefixes of names that only AWS gives: default parameter groups."""

_defaults: WeakKeyDictionary[BaseBackend, frozenset[tuple[str, str]]] = WeakKeyDictionary()


def install() -> None:
    """Makes every backend remember what it holds when it is new: AWS's own defaults, such as the default VPC."""
    plain = AccountSpecificBackend.__getitem__

    def remember_defaults(backends: Any, region: str) -> BaseBackend:
        backend: BaseBackend = plain(backends, region)
        if backend not in _defaults:
            _defaults[backend] = frozenset()
            _defaults[backend] = frozenset(_resources(backends.service_name, backend))
        return backend

    patch(AccountSpecificBackend, __getitem__=remember_defaults)


def leftovers() -> dict[str, list[str]]:
    """Ids of all that exists beyond AWS's defaults, by `<region>/<service>/<collection>`."""
    found: dict[str, set[str]] = {}
    instances: list[Any] = BackendDict._instances  # type: ignore[misc]
    for backends in list(instances):
        for _, region, backend in list(backends.iter_backends()):
            for collection, name in _resources(backends.service_name, backend):
                if (collection, name) not in _defaults.get(backend, frozenset()):
                    found.setdefault(f"{region}/{backends.service_name}/{collection}", set()).add(name)
    return {collection: sorted(names) for collection, names in sorted(found.items())}


def _resources(service: str, backend: BaseBackend) -> Iterator[tuple[str, str]]:
    nested = {collection: held(backend) for collection, held in NESTED.get(service, {}).items()}
    for collection, content in [*vars(backend).items(), *nested.items()]:
        if collection not in BOOKKEEPING.get(service, ()):
            for name in _names(content):
                yield collection, name


def _names(content: object) -> Iterator[str]:
    """Names of the resources in a collection, which may be nested: security groups are kept by VPC."""
    if isinstance(content, Mapping):
        for key, value in list(content.items()):
            if isinstance(value, Mapping) and all(_is_resource(inner) for inner in value.values()):
                yield from _names(value)
            elif isinstance(value, list | set | Mapping) and not value:
                continue
            elif _exists(value) and not str(key).startswith(AWS_OWNED):
                yield str(key)
    elif isinstance(content, list):
        yield from (_own_name(value) for value in content if _is_resource(value) and _exists(value))


def _is_resource(value: object) -> bool:
    return hasattr(value, "__dict__") and not isinstance(value, type)


def _exists(value: object) -> bool:
    states = (getattr(value, name, None) for name in ("state", "status", "key_state"))
    if any(str(alias).startswith("alias/aws/") for alias in getattr(value, "aliases", None) or ()):
        return False
    if value is None or getattr(value, "deletion_date", None):
        return False
    return not any(isinstance(state, str) and state.lower() in GONE for state in states)


def _own_name(value: object) -> str:
    names = (getattr(value, name, None) for name in ("arn", "id", "name"))
    return next((str(name) for name in names if name), type(value).__name__)
