"""The process that writes a C3D file: what ezc3d has taken goes back to the system with it.

Arrays as NumPy packs them on stdin, the file on stdout.
"""

import io
import sys
import tempfile
from pathlib import Path

import numpy as np

from coach_server.library.exports.names import MARKER_NAMES


def main() -> None:
    """Write one file: `points` (4, markers, N) mm, `residuals` (1, markers, N), `rate`, `title`."""
    import ezc3d  # an extra, and it is to be loaded here alone

    with np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False) as asked:
        file = ezc3d.c3d()
        file["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
        file["parameters"]["POINT"]["RATE"]["value"] = [float(asked["rate"])]
        file["parameters"]["POINT"]["LABELS"]["value"] = list(MARKER_NAMES)
        file.add_parameter("POINT", "X_SCREEN", ["+X"])
        file.add_parameter("POINT", "Y_SCREEN", ["+Z"])
        file.add_parameter("SUBJECTS", "USED", 1)
        file.add_parameter("SUBJECTS", "NAMES", [str(asked["title"])])
        file.add_parameter("MANUFACTURER", "SOFTWARE", ["coach"])
        file["data"]["points"] = asked["points"]
        file["data"]["meta_points"]["residuals"] = asked["residuals"]
    with tempfile.TemporaryDirectory(prefix="coach-c3d-") as folder:  # it writes to names only
        path = Path(folder) / "track.c3d"
        file.write(str(path))
        sys.stdout.buffer.write(path.read_bytes())


if __name__ == "__main__":
    main()
