"""Weights of a Keypoint R-CNN by one set of names, whichever zoo they came from.

`stem`; `layer{1..4}.{i}.conv{1,2,3}` and `layer{1..4}.0.shortcut`; `fpn.lateral{2..5}`,
`fpn.output{2..5}`; `rpn.conv`, `rpn.objectness`, `rpn.deltas`; `box.fc1`, `box.fc2`, `box.classes`
(person, background), `box.deltas` (the person's four); `keypoints.conv{1..8}`, `keypoints.deconv`;
each with `.weight` and `.bias`. BatchNorms are folded into the convolutions before them, and the
stem takes R, G, B.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from coach_server.body.keypoints import FloatArray
from coach_server.inference.keypoint_rcnn.architecture import RcnnArchitecture


@dataclass(frozen=True, slots=True)
class RcnnWeights:
    """A network's weights.

    Attributes:
        architecture: of the network.
        arrays: float32, by name.
    """

    architecture: RcnnArchitecture
    arrays: Mapping[str, FloatArray]
