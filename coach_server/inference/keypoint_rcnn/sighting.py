"""What a Keypoint R-CNN says of one frame."""

from dataclasses import dataclass

from coach_server.body.keypoints import FloatArray


@dataclass(frozen=True, slots=True)
class Sighting:
    """The one person who is surest.

    Attributes:
        keypoints: (17, 3) COCO order: x, y in continuous pixels of the frame, and the logit there.
        box: (4,) x1, y1, x2, y2 in pixels of the frame.
        score: 0..1, how likely there is a person in the box.
    """

    keypoints: FloatArray
    box: FloatArray
    score: float
