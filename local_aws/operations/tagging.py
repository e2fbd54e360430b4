"""Resource Groups Tagging API: resources of all types by their tags, in place of moto's, which misses every third.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from local_aws.calls import Answer, Call
from local_aws.errors import AwsError
from local_aws.registry import Output, operation
from local_aws.tagging.pages import Fits, Pages
from local_aws.tagging.tagged import Tagged
from local_aws.tagging.walks import find, tagged_resources

SERVICE = "resourcegroupstaggingapi"
DEFAULT_PAGE = 50
LARGEST_PAGE = 100
TAGS_PER_PAGE = range(100, 501)
NAMES_PER_PAGE = 128
MOST_TAGS = 50
"""Tags of one resource. Those of AWS itself, `aws:...`, do not count."""

PAGING = ("PaginationToken", "ResourcesPerPage", "TagsPerPage")


def _pages(call: Call) -> Pages:
    found: Pages = vars(call.backend()).setdefault("answers_being_read", Pages())
    return found


def _read(call: Call, fits: Fits, gather: Callable[[], list[Any]]) -> tuple[list[Any], str]:
    token = call.params.get("PaginationToken")
    return _pages(call).following(token, fits) if token else _pages(call).first(gather(), fits)


@operation(SERVICE, "GetResources")
def get_resources(call: Call) -> Answer:
    """Tagged resources, by tags, types or ARNs. A page is one moment's answer, and so are all that follow it."""
    given = call.params
    _refuse_combinations(given)
    page, token = _read(call, _fits(given), lambda: _matching(call))
    shown = {"PaginationToken": token, "ResourceTagMappingList": [_shown(arn, tags) for arn, tags in page]}
    # moto's serializer takes fifteen times as long for a page of a thousand tags.
    return Answer(200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(shown).encode())


def _matching(call: Call) -> list[tuple[str, dict[str, str]]]:
    given = call.params
    wanted = [(one["Key"], set(one.get("Values") or ())) for one in given.get("TagFilters") or ()]
    types, arns = given.get("ResourceTypeFilters"), set(given.get("ResourceARNList") or ())
    found = []
    for resource in tagged_resources(call.account_id, call.region):
        tags = resource.tags
        if tags and _has(tags, wanted) and (not arns or resource.arn in arns) and _is_of(resource.arn, types):
            found.append((resource.arn, dict(tags)))
    return found


def _shown(arn: str, tags: Mapping[str, str]) -> Output:
    return {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value or ""} for key, value in tags.items()]}


def _has(tags: Mapping[str, str], wanted: list[tuple[str, set[str]]]) -> bool:
    """Whether the tags have all keys, each with one of its values where there are any."""
    return all(key in tags and (not values or tags[key] in values) for key, values in wanted)


def _is_of(arn: str, types: list[str] | None) -> bool:
    """Whether an ARN is of one of the types: `service` or `service:type`, both as the ARN writes them."""
    if not types:
        return True
    _, _, service, _, _, rest = arn.split(":", 5)
    kind = rest.lstrip("/").replace(":", "/").split("/")[0]
    return service in types or f"{service}:{kind}" in types


def _refuse_combinations(given: Mapping[str, Any]) -> None:
    size, tags = given.get("ResourcesPerPage"), given.get("TagsPerPage")
    if size is not None and not 1 <= size <= LARGEST_PAGE:
        raise AwsError("InvalidParameterException", f"ResourcesPerPage must be between 1 and {LARGEST_PAGE}")
    if tags is not None and tags not in TAGS_PER_PAGE:
        raise AwsError("InvalidParameterException", "TagsPerPage must be between 100 and 500")
    others = (*PAGING, "TagFilters", "ResourceTypeFilters")
    if given.get("ResourceARNList") and any(given.get(name) for name in others):
        text = f"ResourceARNList cannot be combined with {', '.join(others)}"
        raise AwsError("InvalidParameterException", text)


def _fits(given: Mapping[str, Any]) -> Fits:
    """Room for `ResourcesPerPage` resources, or for the tags of `TagsPerPage`; a resource's tags stay together."""
    size, tags = given.get("ResourcesPerPage"), given.get("TagsPerPage")
    if size is None and tags is not None:
        return lambda page, item: not page or sum(len(held) for _, held in (*page, item)) <= tags
    limit = LARGEST_PAGE if given.get("ResourceARNList") else size or DEFAULT_PAGE
    return lambda page, _: len(page) < limit


@operation(SERVICE, "GetTagKeys")
def get_tag_keys(call: Call) -> Output:
    """Keys in use."""

    def gather() -> list[str]:
        return sorted({key for resource in tagged_resources(call.account_id, call.region) for key in resource.tags})

    page, token = _read(call, lambda page, _: len(page) < NAMES_PER_PAGE, gather)
    return {"PaginationToken": token, "TagKeys": page}


@operation(SERVICE, "GetTagValues")
def get_tag_values(call: Call) -> Output:
    """Values in use with a key."""

    def gather() -> list[str]:
        tags = (resource.tags for resource in tagged_resources(call.account_id, call.region))
        return sorted({one[call.params["Key"]] for one in tags if call.params["Key"] in one})

    page, token = _read(call, lambda page, _: len(page) < NAMES_PER_PAGE, gather)
    return {"PaginationToken": token, "TagValues": page}


@operation(SERVICE, "TagResources")
def tag_resources(call: Call) -> Output:
    """Adds tags to up to 20 resources, each on its own: what fails is in the answer."""
    added = call.params["Tags"]
    _refuse_reserved(added)
    return _change(call, lambda tags: {**tags, **added})


@operation(SERVICE, "UntagResources")
def untag_resources(call: Call) -> Output:
    """Removes tags from up to 20 resources."""
    dropped = call.params["TagKeys"]
    _refuse_reserved(dropped)
    return _change(call, lambda tags: {key: value for key, value in tags.items() if key not in dropped})


def _refuse_reserved(keys: Any) -> None:
    if any(key.lower().startswith("aws:") for key in keys):
        raise AwsError("InvalidParameterException", "Tag keys that begin with aws: are reserved for AWS")


def _change(call: Call, change: Callable[[Mapping[str, str]], dict[str, str]]) -> Output:
    arns = call.params["ResourceARNList"]
    existing = find(call.account_id, call.region, arns)
    failures = {arn: _fault(existing.get(arn), change) for arn in arns}
    return {"FailedResourcesMap": {arn: failure for arn, failure in failures.items() if failure}}


def _fault(resource: Tagged | None, change: Callable[[Mapping[str, str]], dict[str, str]]) -> Output | None:
    """Changes the tags of a resource. Says why where it cannot."""
    if resource is None:
        return _failure("ResourceNotFoundException", "The resource does not exist, or not in this Region", 404)
    tags = change(resource.tags)
    if sum(not key.startswith("aws:") for key in tags) > MOST_TAGS:
        return _failure("InvalidParameterException", f"A resource has at most {MOST_TAGS} tags", 400)
    try:
        resource.replace(tags)
    except NotImplementedError:
        return _failure("InternalServiceException", "The local AWS cannot change the tags of this resource", 500)
    return None


def _failure(code: str, message: str, status: int) -> Output:
    return {"StatusCode": status, "ErrorCode": code, "ErrorMessage": message}
