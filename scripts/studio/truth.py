"""What is exactly known of a film: its holds, its faults, and every joint in every frame."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.angles import Angle, joint_angles
from coach_server.body.skeleton import H36m
from scripts.studio.asanas import ASANAS
from scripts.studio.camera import Camera
from scripts.studio.faults import KINDS, cue_direction
from scripts.studio.figure import Figure
from scripts.studio.mishaps import FIDGET_S
from scripts.studio.performance import MENDING_S, Held, Performance
from scripts.studio.posing import Posed
from scripts.studio.rotations import Array
from scripts.studio.routine import Routine
from scripts.studio.skeletons import coco_joints, h36m_joints
from scripts.studio.stance import SIDES

SECONDARY_DEG: Final = 3.0
"""Other joint angles that a fault changes by more than this are named beside it."""


POLAR: Final = (Angle.LEFT_SHOULDER_PLANE, Angle.RIGHT_SHOULDER_PLANE)
"""Not named: near their pole, an arm that hangs or is overhead, they mean nothing."""


@dataclass(frozen=True, slots=True)
class FrameTruth:
    """One frame.

    Attributes:
        world: (17, 3) H36M-17, metres, world axes.
        camera: (17, 3) H36M-17, metres from the lens, camera axes x right, y down, z forward.
        keypoints: (17, 2) COCO-17, pixels from the upper left corner.
    """

    world: Array
    camera: Array
    keypoints: Array

    @property
    def joints(self) -> Array:
        """(17, 3) H36M-17, metres, pelvis at the origin, camera axes."""
        joints: Array = self.camera - self.camera[H36m.PELVIS]
        return joints

    @property
    def angles(self) -> Array:
        """(17,) joint angles in degrees, in the order of `body.angles`."""
        upright = (self.world - self.world[H36m.PELVIS]) * (1.0, -1.0, -1.0)
        return np.asarray(joint_angles(upright.astype(np.float32)), np.float64)


def frame_truth(figure: Figure, posed: Posed, camera: Camera) -> FrameTruth:
    """The truth of a posed body as a camera sees it."""
    world = h36m_joints(figure, posed)
    keypoints = camera.to_pixels(coco_joints(figure, posed))
    return FrameTruth(world, camera.to_camera(world), keypoints)


def tracks(frames: list[FrameTruth], fps: int, camera: Camera) -> dict[str, NDArray[Any]]:
    """The frames of a film as arrays for an npz file, T frames long."""
    return {
        "fps": np.array(fps, np.float32),
        "time_s": (np.arange(len(frames)) / fps).astype(np.float32),
        "image_size": np.array([camera.width, camera.height]),
        "joints": np.array([f.joints for f in frames], np.float32),
        "keypoints": np.array([f.keypoints for f in frames], np.float32),
    }


def film_truth(performance: Performance, routine: Routine, camera: Camera) -> dict[str, Any]:
    """Holds and faults of one film, and mishaps and fidgets where there are any.

    Times are seconds on the film's own clock; `routine_...` on that of the routine. A hold names
    the pose as it was done, which in a mishap is another than the routine's.
    """
    spans = routine.spans()
    holds, faults = [], []
    for held, span in zip(performance.held, spans, strict=True):
        asana = ASANAS[held.pose]
        holds.append(
            {
                "pose": held.pose,
                "english": asana.english,
                "sanskrit": asana.sanskrit,
                "start": round(held.span.start_s, 3),
                "end": round(held.span.end_s, 3),
                "routine_start": round(span.start_s, 3),
                "routine_end": round(span.end_s, 3),
            }
        )
        if held.fault is not None:
            faults.append(_fault_truth(held, span.start_s))
    known: dict[str, Any] = {
        "duration_s": round(performance.end_s, 3),
        "camera": {
            "yaw_deg": camera.yaw_deg,
            "distance_m": camera.distance_m,
            "height_m": camera.height_m,
            "field_deg": camera.field_deg,
        },
        "holds": holds,
        "faults": faults,
    }
    mishaps = [
        {
            "kind": held.mishap.kind.value,
            "start": round(held.span.start_s, 3),
            "end": round(held.span.end_s, 3),
            "routine_start": round(span.start_s, 3),
        }
        for held, span in zip(performance.held, spans, strict=True)
        if held.mishap is not None
    ]
    fidgets = [
        {"start": round(f.start_s, 3), "end": round(f.start_s + FIDGET_S, 3), "side": SIDES[f.side]}
        for f in performance.fidgets
    ]
    happened = {"mishaps": mishaps, "fidgets": fidgets}
    return known | {name: spans_of for name, spans_of in happened.items() if spans_of}


def _fault_truth(held: Held, routine_start_s: float) -> dict[str, Any]:
    fault = held.fault
    if fault is None:
        return {}
    kind, mended = KINDS[fault.kind], held.mended_at_s
    end = held.span.end_s if mended is None else mended
    others = {
        Angle(i).name.lower(): round(float(off), 1)
        for i, off in enumerate(held.off_deg)
        if i not in {fault.angle, *POLAR} and abs(off) > SECONDARY_DEG
    }
    return {
        "pose": held.pose,
        "joint": kind.joint,
        "side": fault.side_name,
        "direction": cue_direction(fault, float(held.right_deg[fault.angle])),
        "angle": fault.angle.name.lower(),
        "deviation_deg": round(float(held.off_deg[fault.angle]), 1),
        "start": round(held.wrong_from_s, 3),
        "end": round(end, 3),
        "mended": None if mended is None else round(mended + MENDING_S, 3),
        "routine_start": round(routine_start_s, 3),
        "also_deg": others,
    }
