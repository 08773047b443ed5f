"""Reads routines (`routines/*.toml`), from which both a film and its truth come.

    title = "Sun salutation"
    tempo = 1.0                 # 1.1 is a tenth faster; 1 where it is left out

    [[part]]
    repeat = 3                  # how often the part is done; 1 where it is left out
    sides = "both"              # each time as written and then to the other side; else left out
    beats = [
      { pose = "mountain", move = 2.0, hold = 3.0, facing = 90 },
    ]

A beat is a pose of the library, the seconds that the way into it takes, and the seconds that it is
held. `facing` turns the person (degrees to their own left, 0 the front of the room) where that is
not as the pose has it.
"""

import tomllib
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from coach_server.errors import InputError
from scripts.studio.asana import other_side
from scripts.studio.asanas import ASANAS
from scripts.studio.routine import Beat, Routine

ROUTINES: Final = Path(__file__).parent / "routines"
QUICKEST_MOVE_S: Final = 0.8
TEMPI: Final = (0.5, 2.0)
TOP_KEYS: Final = {"title", "tempo", "part"}
PART_KEYS: Final = {"repeat", "sides", "beats"}
BEAT_KEYS: Final = {"pose", "move", "hold", "facing"}


def routine_names() -> list[str]:
    """The routines that come with the studio."""
    return sorted(path.stem for path in ROUTINES.glob("*.toml"))


def read_routine(path: Path) -> Routine:
    """The routine of a file.

    Raises:
        InputError: the file is missing or not TOML, or a beat in it cannot be done.
    """
    where = path.name
    try:
        table = tomllib.loads(path.read_text())
    except FileNotFoundError as error:
        raise InputError(
            f"There is no routine file {where}.", hint=f"There are {', '.join(routine_names())}."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where} is not TOML: {error}.", hint="Mend that line.") from error
    _only(table, TOP_KEYS, where)
    if not isinstance(table.get("title"), str):
        raise InputError(f"{where}: the title is missing.", hint='Begin with title = "...".')
    tempo = _number(table, "tempo", where, TEMPI, 1.0)
    beats: list[Beat] = []
    for i, part in enumerate(_tables(table, "part", where), start=1):
        beats += _part(part, f"{where}, part {i}", tempo)
    return Routine(table["title"], tuple(beats))


def _part(part: dict[str, Any], where: str, tempo: float) -> list[Beat]:
    _only(part, PART_KEYS, where)
    repeat = part.get("repeat", 1)
    if not isinstance(repeat, int) or not 1 <= repeat <= 100:
        raise InputError(f"{where}: repeat is {repeat!r}.", hint="It is a number from 1 to 100.")
    sides = part.get("sides")
    if sides not in {None, "both"}:
        raise InputError(f"{where}: sides is {sides!r}.", hint='Write sides = "both" or nothing.')
    once = [
        _beat(beat, f"{where}, beat {i}", tempo)
        for i, beat in enumerate(_tables(part, "beats", where), start=1)
    ]
    if sides == "both":
        once += [replace(beat, pose=other_side(beat.pose)) for beat in once]
    return once * repeat


def _beat(beat: dict[str, Any], where: str, tempo: float) -> Beat:
    _only(beat, BEAT_KEYS, where)
    pose = str(beat.get("pose"))
    if pose not in ASANAS:
        near = get_close_matches(pose, ASANAS, n=3)
        hint = f"Did you mean {' or '.join(near)}?" if near else "See the files in poses/."
        raise InputError(f"{where}: there is no pose {pose!r}.", hint=hint)
    return Beat(
        pose=pose,
        move_s=_number(beat, "move", where, (QUICKEST_MOVE_S, 20.0)) / tempo,
        hold_s=_number(beat, "hold", where, (0.1, 120.0)) / tempo,
        facing_deg=_number(beat, "facing", where, (-360.0, 360.0)) if "facing" in beat else None,
    )


def _tables(table: dict[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    tables = table.get(key)
    if isinstance(tables, list) and tables and all(isinstance(t, dict) for t in tables):
        return tables
    raise InputError(f"{where}: there is no {key}.", hint=f"Add at least one {key}.")


def _only(table: dict[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise InputError(
            f"{where}: {unknown[0]!r} means nothing here.",
            hint=f"Known are {', '.join(sorted(known))}.",
        )


def _number(
    table: dict[str, Any],
    key: str,
    where: str,
    limits: tuple[float, float],
    otherwise: float | None = None,
) -> float:
    low, high = limits
    value = table.get(key, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise InputError(
            f"{where}: {key} is {'missing' if value is None else repr(value)}.",
            hint=f"It is a number from {low:g} to {high:g}.",
        )
    return float(value)
