"""Pages of a long answer, and tags in each form in which moto keeps them."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.acm.models import TagHolder

from local_aws.errors import AwsError
from local_aws.tagging import pages
from local_aws.tagging.pages import Pages
from local_aws.tagging.tagged import (
    Tagged,
    TaggedByKey,
    TaggedByLowerPairs,
    TaggedByPairs,
    TaggedByRecords,
    TaggedThroughMoto,
)

OLD, NEW = {"Project": "payment", "Owner": "me"}, {"Project": "payment", "ExpiresAt": "2026-01-01"}


def all_pages(held: Pages, items: list[int], size: int) -> list[list[int]]:
    """Everything, page by page."""
    page, token = held.first(items, lambda page, _: len(page) < size)
    read = [page]
    while token:
        page, token = held.following(token, lambda page, _: len(page) < size)
        read.append(page)
    return read


@given(st.lists(st.integers(), max_size=60), st.integers(min_value=1, max_value=20))
def test_pages_have_every_item_once(items: list[int], size: int) -> None:
    read = all_pages(Pages(), items, size)
    assert [item for page in read for item in page] == items
    assert all(len(page) == size for page in read[:-1])


def test_token_can_be_used_again_until_the_last_page_is_read() -> None:
    held = Pages()
    _, second = held.first([1, 2, 3], lambda page, _: not page)
    again = [held.following(second, lambda page, _: not page)[0] for _ in range(2)]
    assert again == [[2], [2]]


@pytest.mark.parametrize("token", ["", "unknown.1", "unknown", "a.b"])
def test_unknown_token(token: str) -> None:
    with pytest.raises(AwsError, match="expired"):
        Pages().following(token, lambda *_: True)


def test_token_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Pages()
    _, token = held.first([1, 2], lambda page, _: not page)
    monkeypatch.setattr(pages, "SECONDS", -1)
    with pytest.raises(AwsError, match="expired"):
        held.following(token, lambda *_: True)


def test_oldest_answer_goes_first() -> None:
    held = Pages()
    tokens = [held.first([1, 2], lambda page, _: not page)[1] for _ in range(pages.HELD + 1)]
    with pytest.raises(AwsError, match="expired"):
        held.following(tokens[0], lambda *_: True)
    assert held.following(tokens[1], lambda *_: True) == ([2], "")


def _pairs(key: str, value: str) -> list[dict[str, str]]:
    return [{key: name, value: content} for name, content in OLD.items()]


@pytest.mark.parametrize(
    ("form", "content"),
    [
        (Tagged, dict(OLD)),
        (Tagged, TagHolder(OLD)),
        (TaggedByPairs, _pairs("Key", "Value")),
        (TaggedByLowerPairs, _pairs("key", "value")),
        (TaggedByRecords, {pair["Key"].lower(): pair for pair in _pairs("Key", "Value")}),
    ],
)
def test_form_is_kept(form: type[Tagged], content: Any) -> None:
    holder = SimpleNamespace(tags=content)
    resource = form("arn", holder)
    assert resource.tags == OLD
    resource.replace(NEW)
    assert resource.tags == NEW
    assert type(holder.tags) is type(content)


def test_resource_without_tags() -> None:
    for form in (Tagged, TaggedByPairs):
        holder = SimpleNamespace(tags=None)
        resource = form("arn", holder)
        assert resource.tags == {}
        resource.replace(NEW)
        assert resource.tags == NEW


def test_tags_apart_from_the_resource() -> None:
    kept: dict[str, dict[str, str]] = {}
    resource = TaggedByKey("arn", kept, "id")
    assert resource.tags == {}
    assert kept == {}
    resource.replace(NEW)
    assert kept == {"id": NEW}


def test_only_what_differs_goes_through_moto() -> None:
    written: list[Any] = []
    backend = SimpleNamespace(
        tag_resource=lambda arn, tags: written.append((arn, tags)),
        untag_resource=lambda arn, keys: written.append((arn, keys)),
    )
    resource = TaggedThroughMoto("arn", backend, OLD)
    resource.replace(OLD)
    assert written == []
    resource.replace(NEW)
    assert written == [("arn", ["Owner"]), ("arn", {"ExpiresAt": "2026-01-01"})]
