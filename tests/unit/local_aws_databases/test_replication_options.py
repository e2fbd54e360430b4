"""Servers that follow one another know each other by numbers."""

import pytest

from local_aws.databases.replication import options


def number_of(address: str, generation: int = 0) -> int:
    (option,) = (one for one in options(address, generation) if one.startswith("--server-id="))
    return int(option.partition("=")[2])


def test_each_address_has_a_number_of_its_own() -> None:
    addresses = ("127.1.0.1", "127.1.0.2", "127.2.0.1", "127.254.255.254")
    assert len({number_of(address) for address in addresses}) == len(addresses)


@pytest.mark.parametrize("address", ["127.1.0.1", "127.254.255.254"])
def test_a_server_that_is_made_anew_has_another_number(address: str) -> None:
    numbers = {number_of(address, generation) for generation in range(256)}
    assert len(numbers) == 256
    assert all(0 < number < 2**32 for number in numbers)
