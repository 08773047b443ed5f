"""The films on which cheaper keypoints are measured: the demo's, and short ones of the sets."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from coach_server.body.angles import Angle
from coach_server.coaching.choices import USUAL, Choices, Tempo
from coach_server.coaching.cue import Direction, Joint, Side
from coach_server.library.demo import STUDENTS, demo_folder
from coach_server.resources import packaged
from scripts.cue_scores.faults import Fault
from scripts.cue_scores.practices import ENTERED_S
from scripts.studio import truth_file
from scripts.studio.truth_file import FilmTruth, KnownFault

OWN_TEMPO: Final = Choices(tempo=Tempo.FREE)
_SETS: Final = {"dev-2026": "mixed_dev_1", "val-2026": "mixed_val_1"}
"""Short routines of which an instructor and two students with faults are built first."""


@dataclass(frozen=True, slots=True)
class Film:
    """A film of somebody.

    Attributes:
        name: tells it apart.
        path: of the film.
        lead: name of the instructor's film; "" for an instructor.
        faults: that the student has.
        choices: what the student would choose: in a set everybody keeps a tempo of their own.
        truth: of each frame, where the film is of a set.
    """

    name: str
    path: Path
    lead: str = ""
    faults: tuple[Fault, ...] = ()
    choices: Choices = USUAL
    truth: FilmTruth | None = None


def films(cache: Path) -> Iterator[Film]:
    """All films that are there, instructors before their students."""
    demo = packaged("static") / "demo"
    known = json.loads((demo / "truth.json").read_text("utf-8"))
    yield Film("demo", demo_folder() / "video.mp4")
    for student in STUDENTS:
        rows = known[f"student_{student}"]["faults"]
        path = demo / f"student_{student}.mp4"
        yield Film(f"demo.{student}", path, "demo", tuple(map(_read_fault, rows)))
    for folder, title in _SETS.items():
        paths = sorted((cache / "studio" / "sets" / folder).glob(f"{title}.*.json"))
        read = [truth_file.read(path) for path in paths]
        for truth, path in sorted(zip(read, paths, strict=True), key=lambda one: _order(one[0])):
            lead = "" if truth.role == "instructor" else f"{title}.instructor"
            faults = tuple(map(_fault, truth.faults))
            yield Film(truth.name, path.with_suffix(".mp4"), lead, faults, OWN_TEMPO, truth)


def _order(truth: FilmTruth) -> tuple[bool, str]:
    return truth.role != "instructor", truth.name


def _read_fault(row: dict[str, Any]) -> Fault:
    return _fault(KnownFault(**{name: row[name] for name in KnownFault.__slots__}))


def _fault(known: KnownFault) -> Fault:
    return Fault(
        angle=Angle[known.angle.upper()],
        degrees=known.deviation_deg,
        joint=Joint(known.joint),
        side=Side(known.side),
        direction=Direction(known.direction),
        start=known.start - ENTERED_S,
        arrived=known.start,
        end=known.end if known.mended is None else known.mended,
        mended=known.mended,
        also={Angle[name.upper()]: degrees for name, degrees in known.also_deg.items()},
    )
