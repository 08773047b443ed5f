"""Two films in, the files of a comparison out."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from coach_server.coaching.comparing.comparison import Comparison, compare
from coach_server.coaching.comparing.findings import Finding, findings
from coach_server.coaching.comparing.summary import mean_error_deg
from coach_server.coaching.comparing.warping import (
    Alignment,
    Warp,
    frame_by_frame,
    is_mirrored,
    warped,
)
from coach_server.coaching.routine import Mirror
from coach_server.errors import InputError
from coach_server.files import write_result
from coach_server.inference.protocols import EngineSet, Progress
from coach_server.library.comparisons.errors_table import errors_csv
from coach_server.library.comparisons.overlay import draw_overlay
from coach_server.library.comparisons.report_file import finding_dict, report_of
from coach_server.library.comparisons.side import Side, needs_tracking, side_of
from coach_server.library.comparisons.store import (
    ERRORS,
    FILE,
    REPORT,
    WORST,
    ComparisonMeta,
    WorstFinding,
)
from coach_server.library.progress import Staged
from coach_server.library.store import StoredRoutine
from coach_server.video.limits import USUAL, FilmLimits

FEWEST: Final = 2
"""Frames that a film must have: one picture is no movement."""

_TRACKING, _COMPARING, _DRAWING = 1.0, 0.05, 0.5
"""How long the stages take, roughly, for two films of the same length."""


def compare_films(
    instructor: Path | StoredRoutine,
    student: Path,
    engines: EngineSet,
    folder: Path,
    *,
    title: str | None = None,
    mirror: Mirror = Mirror.SAME,
    alignment: Alignment = Alignment.WARPED,
    called: tuple[str | None, str | None] = (None, None),
    limits: FilmLimits = USUAL,
    progress: Progress | None = None,
) -> ComparisonMeta:
    """Compare a student with an instructor.

    Writes `overlay.mp4`, `poster.jpg`, `errors.csv`, `report.json` and, last, `comparison.json`.

    Args:
        instructor: a film, a routine, or a track (`.npz`), which has no pictures.
        student: a film or a track.
        engines: look at the films.
        folder: where the files go; it must exist.
        title: what people will call it; made of both names where None.
        mirror: how the student's sides go with the instructor's.
        alignment: which frames belong together.
        called: what people call the two films, where that is not their files' names.
        limits: how large a film may be.
        progress: is told the stage and how much is done over all.

    Raises:
        MediaError, TooLargeError, KindError: a film cannot be read.
        InputError: nobody is seen in one of them, one is a single picture, or `folder` cannot be
            written.
    """
    stages = _stages(instructor, student, engines, progress or _silent)
    watching = stages.stage("watching the instructor")
    theirs = side_of(instructor, engines, watching, called=called[0], limits=limits)
    _check(theirs)
    watching = stages.stage("watching the student")
    ours = side_of(student, engines, watching, called=called[1], limits=limits)
    _check(ours)
    told = stages.stage("comparing")
    warp = _aligned(theirs, ours, mirror, alignment)
    comparison = compare(theirs.routine, ours.routine.track, warp)
    found = findings(comparison, theirs.routine)
    told(1, 1)
    draw_overlay(comparison, found, theirs, ours, folder, stages.stage("drawing the overlay"))
    name = title or f"{ours.title} / {theirs.title}"
    return _written(comparison, found, theirs, ours, folder, name, alignment)


def _stages(
    instructor: Path | StoredRoutine, student: Path, engines: EngineSet, progress: Progress
) -> Staged:
    times = {
        "watching the instructor": _TRACKING * needs_tracking(instructor, engines),
        "watching the student": _TRACKING * needs_tracking(student, engines),
        "comparing": _COMPARING,
        "drawing the overlay": _DRAWING,
    }
    whole = sum(times.values())
    return Staged(progress, {name: time / whole for name, time in times.items()})


def _silent(stage: str, done: int, total: int | None) -> None:
    """Tells nobody."""
    del stage, done, total


def _check(side: Side) -> None:
    if len(side.routine.track.time_s) < FEWEST:
        raise InputError(
            f"{side.title} has a single picture.",
            hint="Give a film in which somebody moves.",
            code="too_short",
        )


def _aligned(theirs: Side, ours: Side, mirror: Mirror, alignment: Alignment) -> Warp:
    instructor, student = theirs.routine.track, ours.routine.track
    if alignment is Alignment.WARPED:
        return warped(instructor, student, mirror)
    return frame_by_frame(instructor, student, mirrored=is_mirrored(instructor, student, mirror))


def _written(
    comparison: Comparison,
    found: tuple[Finding, ...],
    theirs: Side,
    ours: Side,
    folder: Path,
    title: str,
    alignment: Alignment,
) -> ComparisonMeta:
    created_at = datetime.now(UTC).isoformat(timespec="seconds")
    report = report_of(
        comparison, found, theirs, ours, title=title, created_at=created_at, alignment=alignment
    )
    mean = mean_error_deg(comparison)
    meta = ComparisonMeta(
        title=title,
        created_at=created_at,
        duration_s=round(ours.routine.duration_s, 3),
        alignment=alignment,
        mirrored=comparison.mirrored,
        mean_error=None if mean is None else round(mean, 2),
        worst=tuple(WorstFinding.model_validate(finding_dict(one)) for one in found[:WORST]),
    )
    write_result(folder / ERRORS, errors_csv(comparison).encode())
    write_result(folder / REPORT, (json.dumps(report, indent=1) + "\n").encode())
    write_result(folder / FILE, (meta.model_dump_json(indent=1) + "\n").encode())
    return meta
