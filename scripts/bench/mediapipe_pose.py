"""MediaPipe's own Python pose on raw frames; run by the interpreter of its own environment.

Arguments: a raw RGB file, width, height. Prints JSON: CPU milliseconds a frame (all threads) after
the first ten frames, and how many frames had a person. Imports nothing of the coach.
"""

import json
import sys
import time
from pathlib import Path

import mediapipe as mp  # only in its own environment
import numpy as np

WARM_UP = 10


def main() -> None:
    """Track the frames in video mode with the full model."""
    raw, width, height = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    frames = np.memmap(raw, np.uint8, "r").reshape(-1, height, width, 3)
    costs, found = [], 0
    with mp.solutions.pose.Pose(static_image_mode=False, model_complexity=1) as pose:
        for frame in frames:
            picture = np.ascontiguousarray(frame)
            start = time.process_time_ns()
            result = pose.process(picture)
            costs.append((time.process_time_ns() - start) / 1e6)
            found += result.pose_landmarks is not None
    print(json.dumps({"cpu_ms": costs[WARM_UP:], "frames": len(frames), "found": found}))


main()
