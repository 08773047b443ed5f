"""How a process logs, and what is not in it: no offer, no address, no token.

Our own events hold none of them. What libraries raise may, in a message or in an object's text, so
every event goes through a sieve before it is written.
"""

import json
import logging
import re
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Final, Literal, TypeAlias

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

LogFormat: TypeAlias = Literal["console", "auto", "json"]

_TIMES_AND_LEVELS: Final = frozenset({"timestamp", "level"})
_SECRET_FIELD: Final = re.compile(
    r"(.*_)?(sdp|candidate|token|resume|cookie|credential|password|authorization|address|remote)s?"
)
_PATTERNS: Final = (
    (re.compile(r"v=0(\\r|\\n|\s)[\s\S]*"), "[offer]"),
    (re.compile(r"(a=)?candidate:.*"), "[candidate]"),
    (re.compile(r"(a=)?(ice-ufrag|ice-pwd|fingerprint):.*"), "[offer]"),
    (
        re.compile(r"(?i)\b(token|resume|credential|password)([\"']? ?[=:] ?[\"']?)[\w.~+/-]{8,}"),
        r"\1\2[secret]",
    ),
    (re.compile(r"(?i)\b(bearer )[\w.~+/=-]{8,}"), r"\1[secret]"),
    (re.compile(r"(?<=://)[^/@\s]+@"), "[secret]@"),
    (re.compile(r"\b[0-9a-fA-F-]{36}\.local\b"), "[address]"),
)
_MAYBE_ADDRESS: Final = re.compile(
    r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w])|(?<![\w:])[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?![\w:])"
)


def logs_to_stderr(form: LogFormat = "console", secrets: Sequence[str] = ()) -> None:
    """One event a line on stderr; tracebacks are plain.

    The values of local variables, which the default shows, would put offers, addresses and tokens
    into the log. What the libraries below say of single packets is left out for the same reason.

    Args:
        form: `console` for people, `json` for machines (one object a line, tracebacks in it),
            `auto`: for people where stderr is a terminal.
        secrets: texts that are never written, whatever they stand in.
    """
    renderer: Processor = (
        structlog.processors.JSONRenderer(_dumped)
        if is_json(form)
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _Sieve(secrets),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    root = logging.getLogger()
    if not any(isinstance(handler, _OfLibraries) for handler in root.handlers):
        root.addHandler(_OfLibraries(logging.WARNING))
    for name in ("aiortc", "aioice", "libav"):
        logging.getLogger(name).setLevel(logging.ERROR)


def is_json(form: LogFormat) -> bool:
    """Whether stderr is for machines, so that nothing else than events belongs there."""
    return form == "json" or (form == "auto" and not sys.stderr.isatty())


def without_secrets(text: str, secrets: Sequence[str] = ()) -> str:
    """`text` with offers, addresses and tokens replaced by what they were."""
    for secret in secrets:
        text = text.replace(secret, "[secret]")
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return _MAYBE_ADDRESS.sub(_hidden, text)


class _Sieve:
    """The last processor before the renderer: leaves of every field what may be told."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {name: self._sifted(name, value) for name, value in event.items()}

    def _sifted(self, name: str, value: object) -> object:
        if name in _TIMES_AND_LEVELS or value is None or isinstance(value, bool | int | float):
            return value
        if _SECRET_FIELD.fullmatch(name):
            return "[left out]"
        return without_secrets(str(value), self._secrets)


class _OfLibraries(logging.Handler):
    """Has what libraries log, from warnings on, go the way of our own events."""

    def emit(self, record: logging.LogRecord) -> None:
        if not structlog.is_configured():  # reset since, as tests do: not to stdout, its default
            return
        structlog.get_logger().log(
            record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info
        )


def _hidden(found: re.Match[str]) -> str:
    said = found[0]
    try:
        ip_address(said.rstrip(".").removesuffix(":") if said.count(".") else said)
    except ValueError:
        return said
    return "[address]"


def _dumped(event: EventDict, **_options: object) -> str:
    return json.dumps(event, ensure_ascii=False)
