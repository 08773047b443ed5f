"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from coach_server.cli.console import progress_bar
from coach_server.inference.engines import Engines
from coach_server.settings import load_settings

Keypoints = Annotated[
    str | None, typer.Option("--keypoints", help="keypoint engine (see `engines list`)")
]
Lifter = Annotated[str | None, typer.Option("--lifter", help="lifter (see `engines list`)")]
Film = Annotated[Path, typer.Argument(show_default=False, help="a film: mp4, mov, mkv, webm, avi")]

AsJson = Annotated[bool, typer.Option("--json", help="as JSON on stdout")]


def load_engines(keypoints: str | None, lifter: str | None) -> Engines:
    """The engines a command asks for, pulled first where they are missing.

    Raises:
        EngineError: they cannot be had or cannot run here.
    """
    settings = load_settings()
    with progress_bar() as progress:
        return Engines.load(
            settings.cache,
            keypoints=keypoints or settings.keypoints,
            lifter=lifter or settings.lifter,
            device=settings.device,
            progress=progress,
        )
