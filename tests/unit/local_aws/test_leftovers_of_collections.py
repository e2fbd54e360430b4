"""What counts as a resource in moto's collections."""

from types import SimpleNamespace

import pytest

from local_aws.leftovers import _names


class Thing(SimpleNamespace):
    """Something that moto keeps."""


@pytest.mark.parametrize(
    ("collection", "names"),
    [
        ({"a": Thing(), "b": Thing()}, ["a", "b"]),
        ({"vpc-1": {"sg-1": Thing()}, "vpc-2": {}}, ["sg-1"]),
        ({"definition": {"name": "errors"}}, ["definition"]),
        ({"topic": []}, []),
        ([Thing(arn="arn:1"), Thing(id="2"), Thing(name="3")], ["arn:1", "2", "3"]),
        ({"key": Thing(key_state="PendingDeletion"), "gateway": Thing(state="deleted")}, []),
        ({"key": Thing(key_state="Enabled", aliases={"alias/aws/ssm": 1})}, []),
        ({"default.aurora-mysql8.0": Thing()}, []),
        (["text", 1], []),
        ("text", []),
    ],
)
def test_names_in_a_collection(collection: object, names: list[str]) -> None:
    assert list(_names(collection)) == names
