"""What can keep fast synth from being used; none of these ever reaches the user."""


class FastSynthError(Exception):
    """Something is not as fast synth expects it, and the plain import is to be used; the message says what."""
