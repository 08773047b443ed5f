"""What HTTP alone can refuse, in the one error shape."""

from coach_server.errors import CoachError


class RefusalError(CoachError):
    """A request that is turned away for how it comes, not for what it asks.

    Args:
        status: the HTTP status.
        code: stable, for programs.
        message, hint: as for `CoachError`.
    """

    def __init__(self, status: int, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint, code=code)
        self.http_status = status


class StartingError(CoachError):
    """The engines are not loaded yet."""

    code = "starting"
    http_status = 503
    retry_after_s = 2
