"""Reads the files of the pose library (`poses/*.toml`, one file a group, one table a pose).

A pose is written for a person who faces the front of the room, in world axes [to their left, up,
ahead]; lengths do not matter. Poses whose key ends in `_left` get a `_right` of themselves.

    english, sanskrit     its names
    stands_on             "both", "left", "right": the feet that stand flat; or instead
    rests_on              a list of what touches the floor: "hands", "left_knee", "seat", ...
    facing                degrees to the person's left that the pose is shown from; 0 by default
    levelled              a side, as in `asana.Asana`
    pelvis, chest, head   {turn, forward, side}: degrees about the own axis, then forward, then to
                          the left; what is left out is 0, and a chest or head left out goes on
                          from what is below it
    upper_arm, forearm, hand, inner_elbow, thigh, shin, toes, soles
                          a direction of the left side, mirrored on the right, or
                          {left = [...], right = [...]}; as in `stance.Stance`
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeGuard, TypeVar

from coach_server.errors import InputError
from scripts.studio.asana import Asana
from scripts.studio.contacts import CONTACTS, PAIRS
from scripts.studio.rotations import Array, about
from scripts.studio.stance import LEFT, RIGHT, SIDES, UP, both, each, standing

Choice = TypeVar("Choice")

FRAMES: Final = ("pelvis", "chest", "head")
LIMBS: Final = (
    "upper_arm",
    "forearm",
    "hand",
    "inner_elbow",
    "thigh",
    "shin",
    "toes",
    "soles",
)
KEYS: Final = {
    "english",
    "sanskrit",
    "stands_on",
    "rests_on",
    "facing",
    "levelled",
    *FRAMES,
    *LIMBS,
}
FEET: Final = {"both": (LEFT, RIGHT), "left": (LEFT,), "right": (RIGHT,)}


def read_poses(path: Path) -> dict[str, Asana]:
    """The poses of a file by their keys; the file's stem is their group.

    Raises:
        InputError: the file is not TOML, or a pose in it cannot be understood.
    """
    try:
        tables = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path.name} is not TOML: {error}.", hint="Mend that line.") from error
    return {key: _asana(table, f"{path.name}, [{key}]", path.stem) for key, table in tables.items()}


def _asana(table: dict[str, Any], where: str, group: str) -> Asana:
    unknown = sorted(set(table) - KEYS)
    if unknown:
        raise InputError(
            f"{where}: {unknown[0]!r} means nothing here.",
            hint=f"Known are {', '.join(sorted(KEYS))}.",
        )
    for name in ("english", "sanskrit"):
        if not isinstance(table.get(name), str):
            raise InputError(f"{where}: the {name} name is missing.", hint=f'Add {name} = "...".')
    if ("stands_on" in table) == ("rests_on" in table):
        raise InputError(
            f"{where}: a pose either stands on flat feet or rests on parts of the body.",
            hint='Give one of stands_on = "both" and rests_on = ["seat"].',
        )
    return Asana(
        english=table["english"],
        sanskrit=table["sanskrit"],
        stance=standing(**_frames(table, where), **_limbs(table, where)),
        planted=_choice(table, "stands_on", FEET, where) or (),
        levelled=_choice(table, "levelled", {name: i for i, name in enumerate(SIDES)}, where),
        rests_on=_contacts(table.get("rests_on", []), where),
        facing_deg=float(table.get("facing", 0.0)),
        group=group,
    )


def _choice(
    table: dict[str, Any], key: str, choices: Mapping[str, Choice], where: str
) -> Choice | None:
    if key not in table:
        return None
    if table[key] not in choices:
        raise InputError(
            f"{where}: {key} is {table[key]!r}.", hint=f"It may be {', '.join(choices)}."
        )
    return choices[table[key]]


def _contacts(names: list[str], where: str) -> tuple[str, ...]:
    contacts: list[str] = []
    for name in names:
        contacts += PAIRS.get(name, (name,))
    for contact in contacts:
        if contact not in CONTACTS:
            raise InputError(
                f"{where}: nobody rests on {contact!r}.",
                hint=f"Known are {', '.join([*PAIRS, *CONTACTS])}.",
            )
    return tuple(contacts)


def _frames(table: dict[str, Any], where: str) -> dict[str, Array]:
    frames: dict[str, Array] = {}
    below: dict[str, float] = {}
    for name in FRAMES:
        angles = table.get(name, below)
        if set(angles) - {"turn", "forward", "side"}:
            raise InputError(
                f"{where}: {name} has {', '.join(sorted(angles))}.",
                hint="It may have turn, forward and side, in degrees.",
            )
        turn, forward, side = (float(angles.get(k, 0.0)) for k in ("turn", "forward", "side"))
        frames[name] = about((0, 0, 1), -side) @ about((1, 0, 0), forward) @ about(UP, turn)
        below = angles
    return frames


def _limbs(table: dict[str, Any], where: str) -> dict[str, Array]:
    limbs = {}
    for name in LIMBS:
        given = table.get(name)
        if (
            isinstance(given, dict)
            and set(given) == set(SIDES)
            and all(map(_is_way, given.values()))
        ):
            limbs[name] = each(given["left"], given["right"])
        elif _is_way(given):
            limbs[name] = both(*given)
        elif given is not None:
            raise InputError(
                f"{where}: {name} is no direction.",
                hint="Write three numbers, [left, up, ahead], or {left = [...], right = [...]}.",
            )
    return limbs


def _is_way(given: object) -> TypeGuard[list[float]]:
    """Whether this is a direction: three numbers that are not all null."""
    if not isinstance(given, list) or len(given) != 3:
        return False
    return all(isinstance(x, int | float) for x in given) and any(given)
