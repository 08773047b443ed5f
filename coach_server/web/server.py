"""Running the application until it is told to stop."""

import asyncio
import errno
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any, Final

import structlog
from aiohttp import web

from coach_server.errors import CoachError, InputError
from coach_server.files import private_folder
from coach_server.inference.engines import Engines
from coach_server.inference.protocols import Progress
from coach_server.library.comparisons.store import ComparisonLibrary
from coach_server.library.demo import install_demo
from coach_server.library.store import RoutineLibrary
from coach_server.sessions.practices import Practices
from coach_server.sessions.workers.front import Workers
from coach_server.settings import Settings
from coach_server.web.access import Access
from coach_server.web.app import create_app
from coach_server.web.jobs import check_broker
from coach_server.web.names import check_public
from coach_server.web.tls import Tls
from coach_server.web.turn import check_turn
from coach_server.web.welcome import Welcome, told_at_the_terminal

log = structlog.get_logger(__name__)

DRAIN_S: Final = 2.0
"""For requests still being answered at the end."""


def run(settings: Settings, *, start_page: str = "/", progress: Progress | None = None) -> None:
    """Serve until SIGTERM or SIGINT; prints the address of `start_page` once it listens.

    Args:
        settings: where to listen, which engines to load.
        start_page: path and query of the page to open.
        progress: is told, from another thread, how far loading is.

    Raises:
        InputError: it cannot listen there, or may not.
        EngineError: the engines cannot be had.
    """
    check_public(settings)
    check_turn(settings)
    private_folder(settings.data)
    tls = Tls.of(settings)
    access = Access.of(settings)
    check_broker(settings)
    places = Engines.check(
        settings.cache,
        keypoints=settings.keypoints,
        lifter=settings.lifter,
        device=settings.device,
        live=True,
    )
    with _listening(settings) as listening:
        library = RoutineLibrary.of(settings.data)
        library.recover()
        ComparisonLibrary(settings.data / "comparisons").recover()
        install_demo(library)
        if set(places.values()) == {"cpu"}:  # it is known now, and told once
            settings = settings.model_copy(update={"device": "cpu"})
        practices = practices_of(settings, progress)
        app = create_app(settings, practices=practices, library=library, tls=tls)
        port = listening.getsockname()[1]
        welcome = Welcome(settings, port, tls=tls, access=access)
        error = asyncio.run(
            _serve(app, practices, listening, tls, lambda: _greet(welcome, start_page))
        )
    if error is not None:
        raise error
    _leave_threads_behind()


def _leave_threads_behind() -> None:
    """End the process now where threads are left that nobody waits for.

    One that loads or tracks in native code and comes back while the interpreter ends aborts it.
    """
    if any(thread.daemon for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def practices_of(settings: Settings, progress: Progress | None) -> Practices:
    """Live practice in worker processes: what strangers send is decoded there, not here."""
    return Workers(settings, progress=progress)


def _listening(settings: Settings) -> socket.socket:
    """A socket that listens where the settings say; made first, before anything is loaded."""
    try:
        return socket.create_server(
            (settings.host, settings.port),
            family=socket.AF_INET6 if ":" in settings.host else socket.AF_INET,
        )
    except OSError as error:
        why = {
            errno.EADDRINUSE: "the port is taken",
            errno.EACCES: "that port is not for ordinary users",
            errno.EADDRNOTAVAIL: "this machine has no such address",
        }.get(error.errno or 0, error.strerror or "the system refuses")
        raise InputError(
            f"the server cannot listen on {settings.host}:{settings.port}: {why}",
            hint="choose another with --port, or stop what uses it",
            code="cannot_listen",
        ) from error


def _greet(welcome: Welcome, start_page: str) -> None:
    terminal = told_at_the_terminal()
    if terminal is not None:
        welcome.show_code(start_page, terminal)
    sys.stdout.write(f"{welcome.page(start_page, to_terminal=sys.stdout.isatty())}\n")
    sys.stdout.flush()


async def _serve(
    app: web.Application,
    practices: Practices,
    listening: socket.socket,
    tls: Tls | None,
    greet: Callable[[], None],
) -> CoachError | None:
    """Serve until told to stop, or until the engines have failed: gives why."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=DRAIN_S)
    await runner.setup()
    try:
        context = tls.context if tls is not None else None
        await web.SockSite(runner, listening, ssl_context=context).start()
        greet()
        return await _until_stopped(practices)
    finally:
        await runner.cleanup()


async def _until_stopped(practices: Practices) -> CoachError | None:
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    signals = (signal.SIGTERM, signal.SIGINT)
    for number in signals:
        loop.add_signal_handler(number, told.set)
    stopped = asyncio.create_task(told.wait())
    ends: set[asyncio.Future[Any]] = {stopped, practices.failed}
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        for number in signals:  # a second Ctrl-C ends the process at once
            loop.remove_signal_handler(number)
    if practices.failed.done():
        return practices.failed.result()
    log.info("stopping")
    return None
