"""Time and SSM as a test wants them."""

from botocore.exceptions import EndpointConnectionError


class Clock:
    """Both clocks, which may go at different speeds."""

    def __init__(self) -> None:
        self.monotonic, self.wall = 1000.0, 1_800_000_000.0

    def __call__(self) -> tuple[float, float]:
        return self.monotonic, self.wall

    def pass_by(self, seconds: float) -> None:
        self.monotonic += seconds
        self.wall += seconds


class Outage:
    """SSM does not answer; each question costs this many seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.seconds = 0.0
        self.asked = 0

    def __call__(self, **_request: object) -> None:
        self.asked += 1
        self._clock.pass_by(self.seconds)
        raise EndpointConnectionError(endpoint_url="https://ssm.eu-west-1.amazonaws.com")
