"""The cues of a demo student's film, replayed once by `coach test` though two of its runs ask."""

import json
import os
from pathlib import Path
from typing import Any

from coach_server.cli.check import KEEP_IN
from coach_server.coaching.cue import CueEvent


def keep(student: str, cues: list[CueEvent]) -> None:
    """Leave them for a later run of the same `coach test`; a pytest by itself keeps nothing."""
    if folder := os.environ.get(KEEP_IN):
        (Path(folder) / f"{student}.json").write_text(json.dumps([cue.as_dict() for cue in cues]))


def kept(student: str) -> list[dict[str, Any]] | None:
    """What an earlier run has left, None where there is nothing."""
    file = Path(os.environ.get(KEEP_IN, "")) / f"{student}.json"
    if KEEP_IN not in os.environ or not file.is_file():
        return None
    cues: list[dict[str, Any]] = json.loads(file.read_text())
    return cues
