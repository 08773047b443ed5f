"""What an operator may set: by `--config FILE` (TOML), by `COACH_*` variables, or by a flag."""

from pathlib import Path
from typing import Literal

from platformdirs import user_cache_path, user_data_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Device = Literal["auto", "cpu", "cuda"]


class Settings(BaseSettings):
    """All settings with their defaults; names are those of the variables without `COACH_`."""

    model_config = SettingsConfigDict(env_prefix="COACH_", extra="forbid", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    device: Device = "auto"
    keypoints: str = "blazepose-full"
    lifter: str = "blazepose-world"
    max_sessions: int = Field(default=4, ge=1, description="students at a time")
    data: Path = Field(default_factory=lambda: user_data_path("coach-server", appauthor=False))
    cache: Path = Field(default_factory=lambda: user_cache_path("coach-server", appauthor=False))
