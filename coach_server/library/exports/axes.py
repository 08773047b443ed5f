"""Joints in the axes and units that a format is used to.

Both are right-handed, as the camera's own axes are: a turn, never a mirror image.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

CM: Final = 100.0
MM: Final = 1000.0
"""Of a metre."""


def y_up(joints: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., 3) x right, y up, z towards the camera, from camera axes (x right, y down, z away)."""
    return joints * (1.0, -1.0, -1.0) + 0.0  # no -0.0: it would be printed


def z_up(joints: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., 3) x right, y away from the camera, z up, from camera axes."""
    return joints[..., [0, 2, 1]] * (1.0, 1.0, -1.0) + 0.0
