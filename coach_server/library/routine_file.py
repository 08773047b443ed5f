"""`routine.json`: what is known of a routine beside its film, track and chapters."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from coach_server.coaching.routine import Mirror
from coach_server.errors import InputError
from coach_server.files import write_whole

FORMAT: Final = 4
"""Version of the folder's layout. 1 had no importance of angles; 2 no transitions, repetitions,
anomalies, warnings and mirror; 3 no level. All are read, and written back as the newest."""

FILE: Final = "routine.json"

AngleName: TypeAlias = Literal[
    "left_elbow_flexion",
    "right_elbow_flexion",
    "left_knee_flexion",
    "right_knee_flexion",
    "left_hip_flexion",
    "right_hip_flexion",
    "left_hip_abduction",
    "right_hip_abduction",
    "left_shoulder_elevation",
    "right_shoulder_elevation",
    "left_shoulder_plane",
    "right_shoulder_plane",
    "trunk_forward",
    "trunk_side",
    "trunk_twist",
    "neck_forward",
    "neck_side",
]
"""The angles of `body.angles`, as files name them."""

SegmentKind: TypeAlias = Literal["hold", "transition", "repetitions"]

MAX_TITLE: Final = 200
"""Characters."""


class Level(StrEnum):
    """Whom a routine is for."""

    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class Span(BaseModel):
    """A stretch of the routine, seconds on its clock."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)


class Segment(Span):
    """What happens in a stretch; where none is named it is a transition.

    Attributes:
        importance: 0..1, how much an angle makes the pose, by its name (`left_knee_flexion`); what
            is not named is taken from the track.
        count: how many times the movement is repeated, of repetitions.
    """

    kind: SegmentKind = "hold"
    importance: dict[AngleName, Annotated[float, Field(ge=0, le=1)]] = {}
    count: int | None = Field(default=None, ge=1)


class FilmWarning(BaseModel):
    """Something about the film that makes a worse routine.

    Attributes:
        code: stable, for programs.
        message: for people.
        spans: when it is so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    message: str
    spans: tuple[Span, ...] = ()


class RoutineMeta(BaseModel):
    """`routine.json`.

    Attributes:
        id: the folder's name.
        title: what people call it.
        fps, duration_s: of the film.
        segments: holds, transitions and repetitions, in order.
        engines: fingerprints of the engines that made the track, by role.
        mirror: how students follow unless they choose themselves.
        level: whom it is for; None where nobody has said so.
        holds_by_hand: whether somebody has changed the holds that were found.
        anomalies: when the instructor leaves their own pose: not to be followed.
        warnings: of the film.
        created_at: ISO 8601, when it was prepared; None where nobody knows.
        format: version of the folder's layout.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    id: str
    title: str = Field(min_length=1, max_length=MAX_TITLE)
    fps: float = Field(gt=0)
    duration_s: float = Field(gt=0)
    segments: tuple[Segment, ...]
    engines: dict[str, str]
    mirror: Mirror = Mirror.SAME
    level: Level | None = None
    holds_by_hand: bool = False
    anomalies: tuple[Span, ...] = ()
    warnings: tuple[FilmWarning, ...] = ()
    created_at: str | None = None
    format: int = FORMAT

    @property
    def holds(self) -> tuple[Segment, ...]:
        """The segments in which a pose is held."""
        return tuple(segment for segment in self.segments if segment.kind == "hold")


def read_meta(folder: Path) -> RoutineMeta:
    """`routine.json` of a folder, brought up to date.

    Raises:
        InputError: it is missing, damaged, or of a newer version.
    """
    try:
        fields = json.loads((folder / FILE).read_bytes())
        if isinstance(fields, dict) and fields.get("format", 0) > FORMAT:
            raise InputError(
                f"The routine {folder.name} was written by a newer version "
                f"(format {fields['format']}).",
                hint="Update the coach.",
                code="newer_format",
            )
        return RoutineMeta.model_validate(_upgraded(fields, folder.name))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise InputError(
            f"The routine in {folder.name} is damaged: its routine.json cannot be read.",
            hint="Prepare it again from its film, or remove the folder.",
            code="bad_routine",
        ) from error


def write_meta(meta: RoutineMeta, folder: Path) -> None:
    """Write `routine.json` into a routine's folder, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    write_whole(folder / FILE, (meta.model_dump_json(indent=2) + "\n").encode())


def _upgraded(fields: object, routine_id: str) -> object:
    """What an older version wrote, as the newest has it; the folder's name is the id."""
    return {**fields, "format": FORMAT, "id": routine_id} if isinstance(fields, dict) else fields
