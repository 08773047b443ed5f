"""`coach doctor`: what this machine can run, what would really be used, and what to mend."""

import os
import platform
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import typer

from coach_server.cli.console import columns
from coach_server.cli.gpu_findings import Finding, gpu_findings
from coach_server.cli.options import Keypoints, Lifter
from coach_server.cli.programs import BROWSERS
from coach_server.cli.serve import Config, OnDevice
from coach_server.errors import CoachError, InputError
from coach_server.inference.engines import Engines, list_engines
from coach_server.inference.machine import this_machine
from coach_server.settings import AUTO, OFF, Settings, is_loopback, is_public, load_settings
from coach_server.web.names import check_public
from coach_server.web.tls import Tls
from coach_server.web.turn import check_turn

_ROOM_MB: Final = 200


def doctor(
    device: OnDevice = None,
    config: Config = None,
    keypoints: Keypoints = None,
    lifter: Lifter = None,
) -> None:
    """Say what this machine can run, which engine would be used, and what to mend."""
    flags = {"device": device, "keypoints": keypoints, "lifter": lifter}
    given = {name: value for name, value in flags.items() if value is not None}
    settings = load_settings(config, **given)
    findings = list(_findings(settings))
    typer.echo(columns([(finding.verdict, finding.of, finding.said) for finding in findings]))
    raise typer.Exit(2 if any(finding.verdict == "MEND" for finding in findings) else 0)


def _findings(settings: Settings) -> Iterator[Finding]:
    for name, check in _CHECKS.items():
        try:
            said = check(settings)
            yield from [Finding("ok", name, said)] if isinstance(said, str) else list(said)
        except CoachError as error:
            hint = error.hint[:1].upper() + error.hint[1:]
            yield Finding("MEND", name, f"{error.message.rstrip('.')}. {hint}")


def _gpu(settings: Settings) -> Iterator[Finding]:
    return gpu_findings(settings, this_machine())


def _python(_settings: Settings) -> str:
    return f"{platform.python_version()} on {platform.machine()}, {os.cpu_count()} cores"


def _models(settings: Settings) -> str:
    cache, device = settings.cache, settings.device
    keypoints, lifter = settings.keypoints, settings.lifter
    places = Engines.check(cache, keypoints=keypoints, lifter=lifter, device=device, live=True)
    missing = [
        engine.name
        for engine in list_engines(settings.cache)
        if engine.name in (settings.keypoints, settings.lifter) and not engine.pulled
    ]
    if missing:
        return f"not fetched yet: {', '.join(missing)} (`coach engines pull`, or the first serve)"
    if "cuda" in places.values():  # loading would build plans, which takes minutes
        return ", ".join(f"{name} on {place}" for name, place in places.items())
    engines = Engines.load(cache, keypoints=keypoints, lifter=lifter, device=device)
    return ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in engines.describe().items())


def _folder(choose: Callable[[Settings], Path], variable: str) -> Callable[[Settings], str]:
    def check(settings: Settings) -> str:
        folder = choose(settings)
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        if not existing.is_dir() or not os.access(existing, os.W_OK):
            raise InputError(
                f"{folder} cannot be written.", hint=f"Set {variable} to a folder of yours."
            )
        free_mb = shutil.disk_usage(existing).free // 1_000_000
        if free_mb < _ROOM_MB:
            raise InputError(f"{folder} has {free_mb} MB left.", hint="Make room.")
        return f"{folder}, {free_mb / 1000:.0f} GB free"

    return check


def _door(settings: Settings) -> Iterator[Finding]:
    """Who gets in and how, as the server would have it; no certificate is made for the question."""
    check_public(settings)
    check_turn(settings)
    if settings.tls not in {OFF, AUTO}:
        Tls.of(settings)
    where = f"{settings.host}:{settings.port}"
    encrypted = settings.tls != OFF
    if not is_public(settings):
        yield Finding("ok", "door", f"{where}, this machine alone")
    elif encrypted:
        yield Finding("ok", "door", f"{where}, others too, encrypted and by a token")
    elif is_loopback(settings.host):
        said = f"{where}, others by a token through a proxy, which must encrypt"
        yield Finding("note", "door", said)
    else:
        said = f"{where}, others by a token that anybody on the way can read; "
        yield Finding("note", "door", f"{said}browsers give no camera there: add --tls auto")


def _browser(_settings: Settings) -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return found or "none (needed for the browser tests only)"


_CHECKS: Final[dict[str, Callable[[Settings], str | Iterator[Finding]]]] = {
    "python": _python,
    "gpu": _gpu,
    "engines": _models,
    "door": _door,
    "data": _folder(lambda settings: settings.data, "COACH_DATA"),
    "cache": _folder(lambda settings: settings.cache, "COACH_CACHE"),
    "browser": _browser,
}
