"""Why a deployment ends before its time."""


class DeploymentFaultError(Exception):
    """What went wrong, by CodeDeploy's error code. `stopped` is True where somebody or an alarm ended it."""

    def __init__(self, code: str, message: str, *, stopped: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.stopped = stopped
