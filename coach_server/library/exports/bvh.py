"""A track as a BVH file: a skeleton that moves, for animation programs."""

import numpy as np
from numpy.typing import NDArray

from coach_server.body.skeleton import H36m
from coach_server.coaching.track import Track
from coach_server.errors import InputError
from coach_server.library.exports.axes import CM, y_up
from coach_server.library.exports.even import EvenJoints
from coach_server.library.exports.tree import (
    BONES,
    ROOT,
    TRUNK_ORDER,
    Bone,
    lengths_of,
    trunk_turns,
)
from coach_server.library.exports.turns import Matrices, angles_of, swings


def bvh(track: Track, title: str) -> bytes:
    """ASCII; the hierarchy of `tree`, then a line a frame at an even rate (`EvenJoints`).

    Centimetres; x right, y up, z towards the camera, so that who faces the camera faces +z. At rest
    the figure stands with its arms out to the sides. Each bone keeps the median length that it has
    in the track, and points exactly where it points there; its turn about its own length is the
    least that gets it there, for seventeen joints do not show it. Rotations are degrees about the
    axes that each joint's CHANNELS name, in their order (Z, X, Y: R = Rz Rx Ry), without jumps of
    360. The root's translation is the pelvis', which a lifter puts at the origin.

    A pose is held while nobody is seen, and the first is there from the beginning: BVH cannot say
    that there is nobody.

    Raises:
        InputError: nobody is seen in any frame.
    """
    del title  # the format has no place for it
    even = EvenJoints.of(track)
    if not even.seen.any():
        raise InputError(
            "Nobody is seen in this track, so there is no skeleton to move.",
            hint="Export another track, or this one as csv.",
            code="nobody_seen",
        )
    joints = y_up(even.joints) * CM
    lengths = lengths_of(joints[even.seen])
    joints = _held(joints, even.seen)
    columns = [joints[:, H36m.PELVIS]]
    for turns, order in _turns(joints):
        columns.append(np.unwrap(angles_of(turns, order), period=360, axis=0))
    rows = np.concatenate(columns, axis=1)
    motion = [" ".join(f"{value:.4f}" for value in row) for row in (rows + 0.0).tolist()]
    head = ["HIERARCHY", *_hierarchy(lengths)]
    head += ["MOTION", f"Frames: {len(rows)}", f"Frame Time: {1 / even.rate:.7f}"]
    return ("\n".join([*head, *motion]) + "\n").encode("ascii")


def _held(joints: NDArray[np.float64], seen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(N, 17, 3) with the last pose seen where nobody is, at first with the first."""
    last = np.maximum.accumulate(np.where(seen, np.arange(len(seen)), -1))
    return joints[np.where(last < 0, int(np.argmax(seen)), last)]


def _turns(joints: NDArray[np.float64]) -> list[tuple[Matrices, str]]:
    """The root's turns, then each bone's in its parent's frame, with the order of their axes."""
    in_room = {ROOT: trunk_turns(joints, H36m.PELVIS)}
    found = [(in_room[ROOT], TRUNK_ORDER)]
    for bone in BONES:
        parent = in_room[bone.parent]
        if bone.trunk is not None:
            in_room[bone.name] = trunk_turns(joints, bone.trunk)
            found.append((parent.transpose(0, 2, 1) @ in_room[bone.name], bone.order))
        elif bone.child is not None:
            start, end = bone.joint, bone.child
            way = np.einsum("nji,nj->ni", parent, joints[:, end] - joints[:, start])
            swung = swings(np.array(bone.rest), way)
            found.append((swung, bone.order))
            in_room[bone.name] = parent @ swung
    return found


def _hierarchy(lengths: dict[tuple[H36m, H36m], float]) -> list[str]:
    """The lines from ROOT to its closing brace, children in the order of `BONES`."""
    lines = [f"ROOT {ROOT}", "{", "\tOFFSET 0.0000 0.0000 0.0000"]
    lines.append(f"\tCHANNELS 6 Xposition Yposition Zposition {_channels(TRUNK_ORDER)}")
    lines += [line for bone in BONES if bone.parent == ROOT for line in _joint(bone, 1, lengths)]
    return [*lines, "}"]


def _joint(bone: Bone, depth: int, lengths: dict[tuple[H36m, H36m], float]) -> list[str]:
    indent = "\t" * depth
    lines = [f"{indent}JOINT {bone.name}", f"{indent}{{"]
    lines.append(f"{indent}\tOFFSET {_offset(bone.parent, bone.joint, lengths)}")
    lines.append(f"{indent}\tCHANNELS 3 {_channels(bone.order)}")
    children = [child for child in BONES if child.parent == bone.name]
    for child in children:
        lines += _joint(child, depth + 1, lengths)
    if not children and bone.child is not None:
        end = np.array(bone.rest) * lengths[bone.joint, bone.child]
        lines += [f"{indent}\tEnd Site", f"{indent}\t{{", f"{indent}\t\tOFFSET {_three(end)}"]
        lines.append(f"{indent}\t}}")
    return [*lines, f"{indent}}}"]


def _offset(parent: str, joint: H36m, lengths: dict[tuple[H36m, H36m], float]) -> str:
    """From where the parent turns to where the child does: along the parent, or nothing."""
    above = next((bone for bone in BONES if bone.name == parent), None)
    if above is None or above.child != joint:
        return _three(np.zeros(3))
    return _three(np.array(above.rest) * lengths[above.joint, joint])


def _channels(order: str) -> str:
    return " ".join(f"{axis}rotation" for axis in order)


def _three(values: NDArray[np.float64]) -> str:
    return " ".join(f"{value:.4f}" for value in (values + 0.0).tolist())
