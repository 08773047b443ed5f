"""Where logs go, and what is not in them."""

import logging
import sys

import structlog


def logs_to_stderr() -> None:
    """One line an event on stderr; tracebacks are plain.

    The values of local variables, which the default shows, would put offers, addresses and tokens
    into the log. What the libraries below say of single packets is left out for the same reason.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    for name in ("aiortc", "aioice", "libav"):
        logging.getLogger(name).setLevel(logging.ERROR)
