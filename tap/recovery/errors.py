"""Why a recovery was refused, or did not come to its end; each message says what to do."""

from __future__ import annotations


class RecoveryRefusedError(RuntimeError):
    """It cannot be done here. Nothing was touched."""


class RecoveryFailedError(RuntimeError):
    """A step failed. What was done is in the journal, and the recovery can be resumed."""


class RecoveryEndedError(RecoveryFailedError):
    """What it waited for came to another end. There is nothing to resume: it is to be started anew."""
