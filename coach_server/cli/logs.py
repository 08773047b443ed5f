"""Where the logs of a command go: as its settings say."""

from pydantic import SecretStr

from coach_server import logs
from coach_server.settings import AUTO, Settings


def log_as(settings: Settings) -> None:
    """Log to stderr in the form of the settings, with none of the secrets among them."""
    secrets = [each.get_secret_value() for _, each in settings if isinstance(each, SecretStr)]
    logs.logs_to_stderr(settings.log_format, [secret for secret in secrets if secret != AUTO])
