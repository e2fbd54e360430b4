"""Who is let in by a token of the issuer."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest

from lib.container.payment_service.authorization import AuthorizationUnavailableError
from lib.container.payment_service.tokens import Tokens
from tests.unit.container.token_issuer import DISCOVERY, KEYS, TokenIssuer

Output = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def issuer() -> Iterator[TokenIssuer]:
    with TokenIssuer.started() as issuer:
        yield issuer


@pytest.fixture
def tokens(issuer: TokenIssuer) -> Tokens:
    return Tokens(issuer=issuer.url, audience="payments")


def bearer(token: str, scheme: str = "Bearer") -> dict[str, str]:
    return {"authorization": f"{scheme} {token}"}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_token_of_the_issuer_is_taken_and_the_keys_are_asked_for_once(
    issuer: TokenIssuer, tokens: Tokens, scheme: str
) -> None:
    assert tokens.allows(bearer(issuer.token(), scheme))
    assert tokens.allows(bearer(issuer.token(aud=["other", "payments"])))
    assert issuer.asked == [DISCOVERY, KEYS]


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "others"},
        {"aud": None},
        {"iss": "https://elsewhere"},
        {"iss": None},
        {"exp": None},
        {"exp": 1_700_000_000},
        {"nbf": 4_000_000_000},
    ],
)
def test_other_token_of_the_issuer_is_refused(issuer: TokenIssuer, tokens: Tokens, changes: dict[str, Any]) -> None:
    assert not tokens.allows(bearer(issuer.token(**changes)))


def test_clocks_may_differ_a_little(issuer: TokenIssuer, tokens: Tokens) -> None:
    assert tokens.allows(bearer(issuer.token(exp=time.time() - 20)))


@pytest.mark.parametrize("headers", [{}, {"authorization": "Basic dTpw"}, {"authorization": "Bearer"}, bearer("a.b.c")])
def test_what_is_no_token_is_refused(tokens: Tokens, headers: dict[str, str]) -> None:
    assert not tokens.allows(headers)


def test_forged_tokens_are_refused(issuer: TokenIssuer, tokens: Tokens) -> None:
    claims = {"iss": issuer.url, "aud": "payments", "exp": time.time() + 60}
    unsigned = jwt.encode(claims, "", algorithm="none", headers={"kid": "first"})
    shared = jwt.encode(claims, b"the published key is no secret, whoever signs with it", headers={"kid": "first"})
    with TokenIssuer.started() as other:
        foreign = other.token(iss=issuer.url)
    header, _, signature = issuer.token().split(".")
    changed = ".".join([header, issuer.token(sub="another").split(".")[1], signature])
    assert not any(tokens.allows(bearer(token)) for token in (unsigned, shared, foreign, changed))


def test_new_key_of_the_issuer_is_found_but_unknown_ones_do_not_make_it_ask_each_time(
    issuer: TokenIssuer, tokens: Tokens
) -> None:
    assert tokens.allows(bearer(issuer.token()))
    issuer.rotate("second")
    assert not tokens.allows(bearer(issuer.token()))
    assert issuer.asked.count(KEYS) == 1
    tokens._signing_keys.cooldown_duration = 0
    assert tokens.allows(bearer(issuer.token()))
    assert issuer.asked.count(KEYS) == 2


def test_issuer_that_is_away_is_not_the_clients_fault(issuer: TokenIssuer, tokens: Tokens, output: Output) -> None:
    token = issuer.token()
    issuer.answers = False
    with pytest.raises(AuthorizationUnavailableError):
        tokens.allows(bearer(token))
    issuer.answers = True
    assert tokens.allows(bearer(token))
    issuer.answers = False
    assert tokens.allows(bearer(token))
    (line,) = output()
    assert (line["level"], line["error"]) == ("WARNING", "HTTPError")
