"""How near joints and angles are to the truth, by kind of pose and by what the detector finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.angles import Angle
from coach_server.body.keypoints import FloatArray
from scripts.lifter_scores.definitions import fitted, moved
from scripts.lifter_scores.errors import angle_errors, mpjpe_mm, pmpjpe_mm
from scripts.lifter_scores.sightings import Sighting
from scripts.lifter_scores.sources import Lifted, Source

ON_THE_FLOOR: Final = ("seated", "kneeling", "prone", "supine", "inverted")


@dataclass(frozen=True, slots=True)
class Answers:
    """What a source says of the frames of some trials in which it is present; N of T frames.

    Attributes:
        joints: (N, 17, 3) metres, as the source defines them.
        sigma: (N, 17, 3) metres, NaN without.
        truth: (N, 17, 3) metres.
        groups: (N,) of the pose.
        frames: T, with those in which nobody was found or the sides were not sure.
    """

    joints: FloatArray
    sigma: FloatArray
    truth: FloatArray
    groups: NDArray[np.str_]
    frames: int

    @classmethod
    def of(cls, trials: Sequence[Sighting], lifted: Sequence[Lifted]) -> "Answers":
        """All of them in a row."""
        pairs = list(zip(trials, lifted, strict=True))
        return cls(
            joints=np.concatenate([said.joints[said.present] for _, said in pairs]),
            sigma=np.concatenate([said.sigma[said.present] for _, said in pairs]),
            truth=np.concatenate([trial.joints[said.present] for trial, said in pairs]),
            groups=np.concatenate([trial.groups[said.present] for trial, said in pairs]),
            frames=sum(len(said.present) for _, said in pairs),
        )

    def offsets(self) -> FloatArray:
        """(17, 3) as `definitions.fitted`."""
        return fitted([(self.joints, self.truth)])


def lift_all(source: Source, trials: Sequence[Sighting]) -> list[Lifted]:
    """What a source says of each trial."""
    return [source(trial) for trial in trials]


def accuracy(answers: Answers, offsets: FloatArray) -> dict[str, Any]:
    """Figures: millimetres and degrees with the offsets, angles without them as well."""
    placed = moved(answers.joints, offsets)
    errors, aligned = mpjpe_mm(placed, answers.truth), pmpjpe_mm(placed, answers.truth)
    angles = np.abs(angle_errors(placed, answers.truth))
    as_they_are = np.abs(angle_errors(answers.joints, answers.truth))
    floor = np.isin(answers.groups, ON_THE_FLOOR)

    def of(frames: NDArray[np.bool_]) -> dict[str, float]:
        return {
            "frames": int(frames.sum()),
            "mpjpe_mm": float(errors[frames].mean()),
            "pmpjpe_mm": float(aligned[frames].mean()),
            "angle_median_deg": float(np.nanmedian(angles[frames])),
            "angle_p90_deg": float(np.nanpercentile(angles[frames], 90)),
        }

    return {
        **of(np.ones(len(placed), np.bool_)),
        "present": len(placed) / answers.frames,
        "floor": of(floor) if floor.any() else None,
        "without_offsets": {
            "median_deg": float(np.nanmedian(as_they_are)),
            "p90_deg": float(np.nanpercentile(as_they_are, 90)),
        },
        "groups": {str(group): of(answers.groups == group) for group in np.unique(answers.groups)},
        "angles": _by_angle(angles),
    }


def _by_angle(errors: FloatArray) -> dict[str, dict[str, float]]:
    return {
        angle.name.lower(): {
            "median_deg": float(np.nanmedian(errors[:, angle])),
            "p90_deg": float(np.nanpercentile(errors[:, angle], 90)),
        }
        for angle in Angle
    }
