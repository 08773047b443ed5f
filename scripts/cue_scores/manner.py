"""How a student practises: what the rows of the benchmark differ in."""

from dataclasses import dataclass, replace

from coach_server.body.angles import Angle


@dataclass(frozen=True, slots=True)
class Manner:
    """How a student practises.

    Attributes:
        faulty: whether there are faults.
        habit: an angle that is off in every pose instead, and by how many degrees.
        wide_lag: whether the lag is anything between the bounds that are bearable.
        tempo: by what share the student is faster or slower than the film, in turns.
        fps: frames a second, from and to.
        lost: share of the frames that are lost.
        pauses, skips: how often the film is paused, and how often it jumps ahead.
        mirrored: whether the student does it as in a mirror.
        yaw_deg: between which the student stands turned, on either side.
        limbs: by what share limbs are longer or shorter at the most.
        sway_deg: root mean square.
        hides: whether limbs are hidden now and then.
    """

    faulty: bool = True
    habit: tuple[Angle, float] | None = None
    wide_lag: bool = False
    tempo: float = 0.0
    fps: tuple[float, float] = (30.0, 30.0)
    lost: float = 0.0
    pauses: int = 0
    skips: int = 0
    mirrored: bool = False
    yaw_deg: tuple[float, float] = (0.0, 15.0)
    limbs: float = 0.1
    sway_deg: float = 1.0
    hides: bool = False

    @property
    def perfect(self) -> "Manner":
        """The same without faults."""
        return replace(self, faulty=False, habit=None)
