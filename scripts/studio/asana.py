"""What a pose of the library is: a stance, its names, and what it rests on."""

from dataclasses import dataclass, replace

from scripts.studio.stance import LEFT, RIGHT, SIDES, Stance


@dataclass(frozen=True, slots=True)
class Asana:
    """A pose to be held.

    Attributes:
        english, sanskrit: its names, side included where the sides differ.
        stance: the pose itself.
        planted: the sides whose foot stands flat on the floor.
        levelled: the side whose straight leg is spread until its foot reaches the floor, for
            poses in which both feet stand and the legs differ; None where they do not.
        rests_on: what touches the floor (keys of `contacts.CONTACTS`) in poses that do not stand
            on flat feet alone; the pose is settled on them. Empty where `planted` says it all.
        facing_deg: which way the person faces: 0 the front of the room, 90 their own left.
        group: standing, balancing, seated, kneeling, prone, supine, inverted or arms.
    """

    english: str
    sanskrit: str
    stance: Stance
    planted: tuple[int, ...] = (LEFT, RIGHT)
    levelled: int | None = None
    rests_on: tuple[str, ...] = ()
    facing_deg: float = 0.0
    group: str = "standing"

    def mirrored(self) -> "Asana":
        """The same pose to the other side."""
        other = {LEFT: RIGHT, RIGHT: LEFT, None: None}
        return replace(
            self,
            english=other_side(self.english),
            stance=self.stance.mirrored(),
            planted=tuple(side for side in (LEFT, RIGHT) if 1 - side in self.planted),
            levelled=other[self.levelled],
            rests_on=tuple(other_side(contact) for contact in self.rests_on),
        )


def other_side(words: str) -> str:
    """A key or a name with left and right exchanged."""
    for left, right in (SIDES, [side.capitalize() for side in SIDES]):
        words = words.replace(left, "\0").replace(right, left).replace("\0", right)
    return words
