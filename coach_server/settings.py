"""What an operator may set: by `--config FILE` (TOML), by `COACH_*` variables, or by a flag."""

import re
import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Literal

from platformdirs import user_cache_path, user_data_path
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from coach_server.errors import InputError
from coach_server.logs import LogFormat

Device = Literal["auto", "cpu", "cuda"]

AUTO: Final = "auto"
"""Of `token` and `tls`: the server makes one itself."""
OFF: Final = "off"

_TOKEN: Final = re.compile(r"[A-Za-z0-9_.~-]{16,200}")
"""What stands in an address and in a header unescaped, and is too long to be guessed."""
_NAMES: Final = r"^([A-Za-z0-9.:-]+(\s*,\s*[A-Za-z0-9.:-]+)*)?$"

_PORT: Final = r"(6553[0-5]|655[0-2]\d|65[0-4]\d{2}|6[0-4]\d{3}|[1-5]\d{4}|[1-9]\d{0,3})"
_TURN_URL: Final = rf"turns?:([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:{_PORT})?(\?transport=(udp|tcp))?"
"""As browsers take it (RFC 7065): one that they do not would keep every page from connecting."""
_TURN_URLS: Final = rf"^({_TURN_URL}(\s*,\s*{_TURN_URL})*)?$"


def _token(token: SecretStr) -> SecretStr:
    said = token.get_secret_value()
    if said not in {"", AUTO} and not _TOKEN.fullmatch(said):
        raise ValueError("give 16 to 200 letters, digits and _.~-, or auto")
    return token


def default_keypoints(device: str) -> str:
    """The keypoint engine where none is named: what is fetched for a device is what it runs.

    `auto` may end on the CPU, where only BlazePose keeps up; so a GPU's own engine is for those
    who ask for the GPU.
    """
    return "keypoint-rcnn-r50" if device == "cuda" else "blazepose-full"


class Settings(BaseSettings):
    """All settings with their defaults; names are those of the variables without `COACH_`."""

    model_config = SettingsConfigDict(
        env_prefix="COACH_",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,  # it may be a secret
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    device: Device = "auto"
    keypoints: str = Field(
        default_factory=lambda given: default_keypoints(given.get("device", "auto"))
    )
    lifter: str = "videopose3d"
    max_sessions: int = Field(default=16, ge=1, le=128, description="students at a time")
    workers: int = Field(
        default=0,
        ge=0,
        le=64,
        description="processes that serve them; 0: as many as are needed, up to one a core, and "
        "one where a GPU serves",
    )
    max_load: float = Field(
        default=0.85,
        ge=0,
        le=1,
        description="of its processor, what a worker may use before pages are asked for less, and "
        "new students are refused; 0: it is not measured",
    )
    skip_still: bool = Field(
        default=True,
        description="where nothing moves around a student, read each third frame only; on a CPU",
    )
    max_film_mb: int = Field(default=2048, ge=1, description="megabytes of a film")
    max_film_minutes: float = Field(default=120.0, gt=0, description="minutes of a film")
    broker: str = Field(
        default="sqlite",
        pattern=r"^(sqlite$|rediss?://|unix://)",
        description="what carries jobs to workers: sqlite, or a Redis server's address",
    )
    job_workers: int = Field(
        default=1, ge=0, le=32, description="jobs at a time; 0: `coach worker` is run elsewhere"
    )
    job_memory_mb: int = Field(default=2048, ge=256, description="megabytes that a job may use")
    job_cpu_s: int = Field(default=14_400, ge=1, description="seconds of computing for a job")
    job_wall_s: int = Field(default=21_600, ge=1, description="seconds that a job may run")
    names: str = Field(
        default="",
        pattern=_NAMES,
        description="names and addresses, with commas, by which others reach the server; "
        "this machine's own need not be said",
    )
    token: Annotated[SecretStr, AfterValidator(_token)] = Field(
        default=SecretStr(""),
        description="what lets people in; auto: the server makes one and prints it",
    )
    tls: str = Field(
        default=OFF,
        min_length=1,
        description="off, auto (a certificate of its own), or a certificate's file",
    )
    tls_key: str = Field(
        default="", description="the file of the certificate's key, where it is another"
    )
    log_format: LogFormat = Field(
        default="console",
        description="console for people; json: one object a line; auto: json unless on a terminal",
    )
    turn_url: str = Field(
        default="",
        pattern=_TURN_URLS,
        description="addresses of a TURN server, with commas: turn:HOST:PORT or turns:HOST:PORT",
    )
    turn_secret: SecretStr = Field(
        default=SecretStr(""), description="the secret that the TURN server shares with this one"
    )
    data: Path = Field(default_factory=lambda: user_data_path("coach-server", appauthor=False))
    cache: Path = Field(default_factory=lambda: user_cache_path("coach-server", appauthor=False))


def is_loopback(host: str) -> bool:
    """Whether a server bound to `host` is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_public(settings: Settings) -> bool:
    """Whether others than this machine's users are to reach the server, by a proxy it may be."""
    return not is_loopback(settings.host) or bool(settings.names)


def environment_of(settings: Settings) -> dict[str, str]:
    """The variables by which another process gets these very settings.

    Secrets are empty in them: a process that works on strangers' films needs none.
    """
    return {
        f"COACH_{name.upper()}": "" if isinstance(value, SecretStr) else str(value)
        for name, value in settings
    }


def load_settings(config: Path | None = None, **flags: str | int) -> Settings:
    """Settings from a TOML file, the environment and flags: the later in this list win.

    Raises:
        InputError: the file cannot be read, or a setting is unknown or out of range; says which.
    """
    try:
        written = tomllib.loads(config.read_text("utf-8")) if config else {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            f"The settings in {config} cannot be read: {error}.",
            hint="Give a TOML file with lines such as: port = 8080",
            code="bad_settings",
        ) from error
    try:
        environment = Settings().model_fields_set
        merged = {name: value for name, value in written.items() if name not in environment}
        return Settings(**{**merged, **flags})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise InputError(
            f"The setting {name} does not fit: {first['msg']}.",
            hint="Mend it in the file, the COACH_ variable or the flag it came from.",
            code="bad_settings",
        ) from error
