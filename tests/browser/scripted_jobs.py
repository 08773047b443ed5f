"""A worker whose jobs follow a script, in place of one that needs engines: run as a program.

Its jobs are real ones otherwise: in a process each, out of the server's own queue. `COACH_DATA`
says where.
"""

import json
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from coach_server.coaching.comparing.warping import Alignment
from coach_server.coaching.cue import Direction, Joint, Side
from coach_server.errors import MediaError
from coach_server.inference.protocols import Progress
from coach_server.library.comparisons.errors_table import COLUMNS
from coach_server.library.comparisons.store import (
    ERRORS,
    OVERLAY,
    POSTER,
    REPORT,
    ComparisonLibrary,
    ComparisonMeta,
    WorstFinding,
)
from coach_server.library.comparisons.store import FILE as COMPARISON
from coach_server.library.demo import demo_folder
from coach_server.library.jobs.child import main
from coach_server.library.jobs.performer import Performer, Workplace
from coach_server.library.jobs.worker import Worker
from coach_server.library.routine_file import read_meta, write_meta
from coach_server.library.store import RoutineLibrary
from coach_server.settings import load_settings

GO: Final = "go"
"""While this file is in the data folder, jobs go on; without it they wait at two fifths."""

HOPELESS: Final = "hopeless"
"""A film whose title holds this cannot be prepared."""

JOB: Final = (sys.executable, __file__, "job")


def prepare(
    place: Workplace, arguments: Mapping[str, Any], progress: Progress
) -> Mapping[str, str]:
    """The demo under another name."""
    _halfway(place, progress, "finding the body")
    title, routine = str(arguments["title"]), str(arguments["routine"])
    if HOPELESS in title:
        raise MediaError("Nobody is seen in the film.", hint="Send one with a person in it.")
    with RoutineLibrary(place.settings.data / "routines").writing(routine) as folder:
        shutil.copytree(demo_folder(), folder, dirs_exist_ok=True)
        said = {"id": routine, "title": title, "level": arguments["level"]}
        write_meta(read_meta(folder).model_copy(update=said), folder)
    return {"routine": routine}


def compare(
    place: Workplace, arguments: Mapping[str, Any], progress: Progress
) -> Mapping[str, str]:
    """The demo in place of an overlay, with two findings."""
    _halfway(place, progress, "comparing")
    comparison = str(arguments["comparison"])
    write_comparison(place.settings.data, comparison, arguments)
    return {"comparison": comparison}


def trim(place: Workplace, arguments: Mapping[str, Any], progress: Progress) -> Mapping[str, str]:
    """A shorter routine; its film stays as it is."""
    _halfway(place, progress, "cutting the film")
    routine = str(arguments["routine"])
    folder = place.settings.data / "routines" / routine
    meta = read_meta(folder)
    length = arguments["end_s"] - arguments["start_s"]
    kept = tuple(segment for segment in meta.segments if segment.end_s <= length)
    write_meta(meta.model_copy(update={"duration_s": length, "segments": kept}), folder)
    return {"routine": routine}


def write_comparison(data: Path, name: str, asked: Mapping[str, Any]) -> None:
    """Put a comparison into the data folder; what was asked for is its report."""
    worst = (
        (Joint.KNEE, Side.LEFT, Direction.BEND, 34.2, 29.0, "Bend your left knee more"),
        (Joint.SHOULDER, Side.RIGHT, Direction.RAISE, -21.6, 14.0, "Raise your right arm higher"),
    )
    meta = ComparisonMeta(
        title=str(asked["title"]),
        created_at="2026-11-26T09:12:00+00:00",
        duration_s=85.4,
        alignment=Alignment.WARPED,
        mirrored=False,
        mean_error=7.3,
        worst=tuple(
            WorstFinding(
                joint=joint,
                side=side,
                direction=direction,
                deviation_deg=degrees,
                t=t,
                routine_t=t - 0.8,
                text=text,
            )
            for joint, side, direction, degrees, t, text in worst
        ),
    )
    with ComparisonLibrary(data / "comparisons").writing(name) as folder:
        shutil.copy(demo_folder() / "video.mp4", folder / OVERLAY)
        shutil.copy(demo_folder() / "poster.jpg", folder / POSTER)
        (folder / REPORT).write_text(json.dumps(dict(asked)))
        (folder / ERRORS).write_text(_errors_table(meta))
        (folder / COMPARISON).write_text(meta.model_dump_json())


def _errors_table(meta: ComparisonMeta) -> str:
    """Every angle five degrees off, but the left knee and the right arm as the findings say.

    Nobody is seen from 40 s to 50 s.
    """
    rows = [",".join(COLUMNS)]
    changing = ("left_knee_flexion_deg", "right_shoulder_elevation_deg")
    columns = [COLUMNS.index(name) for name in changing]
    for frame in range(round(meta.duration_s * 30)):
        t = frame / 30
        cells = [str(frame), f"{t:.4f}", f"{t:.4f}", "1", *["5"] * (len(COLUMNS) - 4)]
        for column, finding in zip(columns, meta.worst, strict=True):
            near = 1 - abs(t - finding.t) / 3
            cells[column] = f"{finding.deviation_deg * max(near, 0.1):.2f}"
        if 40 <= t < 50:
            cells[4:] = [""] * (len(COLUMNS) - 4)
        rows.append(",".join(cells))
    return "\n".join(rows) + "\n"


def _halfway(place: Workplace, progress: Progress, stage: str) -> None:
    progress(stage, 2, 5)
    while not (place.settings.data / GO).exists():
        time.sleep(0.05)
    progress("writing", 4, 5)


PERFORMERS: Final[Mapping[str, Performer]] = {"prepare": prepare, "compare": compare, "trim": trim}

if __name__ == "__main__":
    if sys.argv[1:] == ["job"]:
        main(PERFORMERS)
    else:
        # not nice, else a busy machine starves it
        Worker(load_settings(), command=JOB, niceness=0).run()
