"""IAM: the account's users, groups, roles and policies in pages, as AWS gives them; moto gives all at once."""

from bisect import bisect_right
from operator import itemgetter
from typing import Any

from moto.core.serialize import XFormedAttributePicker, get_serializer_class
from moto.iam.responses import IamResponse

from local_aws.calls import Answer, Call
from local_aws.registry import operation

PAGE = 100

LISTS = {
    "User": "UserDetailList",
    "Group": "GroupDetailList",
    "Role": "RoleDetailList",
    "LocalManagedPolicy": "Policies",
    "AWSManagedPolicy": "Policies",
}
"""Where the answer has what the filter names."""


@operation("iam", "GetAccountAuthorizationDetails")
def get_account_authorization_details(call: Call) -> Answer:
    """A page of everything that the filter names; `MaxItems` counts across the lists.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
    """
    given = call.params
    kinds = given.get("Filter") or list(LISTS)
    # By kind and ARN, so that what is deleted between two pages shifts nothing.
    items = sorted(
        (f"{order}{item.arn}", LISTS[kind], item)
        for order, kind in enumerate(LISTS)
        if kind in kinds
        for item in _items(call, kind)
    )
    rest = items[bisect_right(items, given.get("Marker", ""), key=itemgetter(0)) :]
    page, more = rest[: given.get("MaxItems", PAGE)], len(rest) > given.get("MaxItems", PAGE)
    shown: dict[str, object] = {name: [item for _, where, item in page if where == name] for name in LISTS.values()}
    shown |= {"IsTruncated": more, "Marker": page[-1][0] if more else None}
    # The items are moto's own: its serializer reads them, with what its web application knows of IAM.
    picker = XFormedAttributePicker(response_transformers=IamResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER)
    serializer = get_serializer_class("iam", call.protocol)(operation_model=call.model, value_picker=picker)
    answer = serializer.serialize(shown)
    return Answer(answer["status_code"], dict(answer["headers"]), str(answer["body"]).encode())


def _items(call: Call, kind: str) -> list[Any]:
    backend = call.backend()
    if kind == "AWSManagedPolicy":
        return list(backend.aws_managed_policies)
    if kind == "LocalManagedPolicy":
        return [policy for policy in list(backend.managed_policies.values()) if f"::{call.account_id}:" in policy.arn]
    return list({"User": backend.users, "Group": backend.groups, "Role": backend.roles}[kind].values())
