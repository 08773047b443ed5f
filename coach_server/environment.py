"""What a program that we start is told of this process's environment."""

import os
from typing import Final

PREFIX: Final = "COACH_"
"""Of all variables that are settings."""


def without_settings() -> dict[str, str]:
    """This process's variables but for the settings, among which secrets may be."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
