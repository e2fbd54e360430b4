"""Which route of an HTTP API a request takes
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

DEFAULT = "$default"


@dataclass(frozen=True)
class Match:
    """A route that fits. `parameters` are the values of its path variables, decoded."""

    route_key: str
    parameters: dict[str, str] = field(default_factory=dict)


def match_route(route_keys: Iterable[str], method: str, path: str) -> Match | None:
    """The most specific route for a request: literal segments before variables before a greedy one, the method
    before ANY, and $default last. `path` is as sent, without the stage."""
    found: list[tuple[tuple[tuple[int, ...], bool], Match]] = []
    fallback = None
    for key in route_keys:
        if key == DEFAULT:
            fallback = Match(key)
            continue
        route_method, _, template = key.partition(" ")
        if route_method not in (method, "ANY"):
            continue
        parameters = _fit(_segments(template), _segments(path))
        if parameters is not None:
            found.append(((_generality(template), route_method == "ANY"), Match(key, parameters)))
    return min(found, key=lambda item: item[0])[1] if found else fallback


def _fit(template: list[str], path: list[str]) -> dict[str, str] | None:
    """The path variables, or None if the path is another."""
    parameters: dict[str, str] = {}
    for index, segment in enumerate(template):
        if segment.startswith("{") and segment.endswith("+}"):
            rest = "/".join(path[index:])
            return {**parameters, segment[1:-2]: unquote(rest)} if rest else None
        if index >= len(path):
            return None
        if segment.startswith("{") and segment.endswith("}"):
            if not path[index]:
                return None
            parameters[segment[1:-1]] = unquote(path[index])
        elif segment != unquote(path[index]):
            return None
    return parameters if len(template) == len(path) else None


def _generality(template: str) -> tuple[int, ...]:
    """Smaller for what is more specific, segment by segment."""
    return tuple(2 if part.endswith("+}") else 1 if part.startswith("{") else 0 for part in _segments(template))


def _segments(path: str) -> list[str]:
    return path.removeprefix("/").split("/")
