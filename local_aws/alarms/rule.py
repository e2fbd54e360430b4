"""The rules of composite alarms.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

TOKEN = re.compile(
    r"\s*(?:(?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:\"(?P<double>[^\"]+)\"|'(?P<single>[^']+)'|(?P<bare>[^)\"']+?))"
    r"\s*\)|(?P<word>AND|OR|NOT|TRUE|FALSE|\(|\)))",
)

StateOf = Callable[[str], str]
"""The state of the alarm that has this name or ARN."""


class RuleError(ValueError):
    """A rule that cannot be read."""


@dataclass(frozen=True)
class Token:
    """A word or parenthesis, or the question whether an alarm is in a state."""

    word: str
    alarm: str = ""


def is_met(rule: str, state_of: StateOf) -> bool:
    """Whether the rule holds now. Raises RuleError."""
    reader = _Reader(_tokens(rule), state_of)
    met = reader.alternatives()
    reader.expect_end()
    return met


def alarms_in(rule: str) -> list[str]:
    """Names and ARNs of the alarms that a rule asks for."""
    return [token.alarm for token in _tokens(rule) if token.alarm]


def _tokens(rule: str) -> list[Token]:
    tokens, position, text = [], 0, rule.strip()
    while position < len(text):
        found = TOKEN.match(text, position)
        if found is None:
            raise RuleError(f"AlarmRule cannot be read from: {text[position : position + 40]}")
        position = found.end()
        alarm = found["double"] or found["single"] or found["bare"] or ""
        tokens.append(Token(found["state"] or found["word"], alarm))
    return tokens


class _Reader:
    """Reads a rule from its tokens: NOT binds closest, then AND, then OR."""

    def __init__(self, tokens: list[Token], state_of: StateOf) -> None:
        self._tokens = tokens
        self._state_of = state_of
        self._position = 0

    def alternatives(self) -> bool:
        met = self._conjunction()
        while self._takes("OR"):
            # Both sides are read, whatever the first one says.
            met = self._conjunction() or met
        return met

    def expect_end(self) -> None:
        if self._position < len(self._tokens):
            raise RuleError(f"AlarmRule goes on after its end: {self._tokens[self._position].word}")

    def _conjunction(self) -> bool:
        met = self._term()
        while self._takes("AND"):
            met = self._term() and met
        return met

    def _term(self) -> bool:
        if self._takes("NOT"):
            return not self._term()
        if self._takes("("):
            met = self.alternatives()
            if not self._takes(")"):
                raise RuleError("AlarmRule lacks a closing parenthesis")
            return met
        if self._position >= len(self._tokens):
            raise RuleError("AlarmRule ends too early")
        token = self._tokens[self._position]
        self._position += 1
        if token.alarm:
            return self._state_of(token.alarm) == token.word
        if token.word in ("TRUE", "FALSE"):
            return token.word == "TRUE"
        raise RuleError(f"AlarmRule has {token.word} where a condition is expected")

    def _takes(self, word: str) -> bool:
        if self._position < len(self._tokens) and self._tokens[self._position] == Token(word):
            self._position += 1
            return True
        return False
