"""The baseline: MediaPipe's own Python call, in an environment of its own (990 MB, made once)."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from coach_server.errors import InputError

VERSION: Final = "0.10.21"
_SCRIPT: Final = Path(__file__).with_name("mediapipe_pose.py")


def interpreter(cache: Path) -> Path:
    """The Python of MediaPipe's environment, made first where it is missing.

    Raises:
        InputError: it cannot be made here.
    """
    folder = cache / "bench" / f"mediapipe-{VERSION}"
    python = folder / "bin" / "python"
    done = folder / ".complete"
    if done.exists():
        return python
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", f"mediapipe=={VERSION}"],
            check=True,
            stdout=sys.stderr,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise InputError(
            f"MediaPipe {VERSION} cannot be installed for comparison: {error}.",
            hint="It needs the network once, 1 GB of disk and Python 3.12 or older; "
            "--no-mediapipe leaves it out.",
        ) from error
    done.touch()
    return python


def measure(pictures: list[NDArray[np.uint8]], cache: Path) -> dict[str, Any]:
    """CPU milliseconds a frame of MediaPipe's call on the same pictures: `cpu_ms`, `found`."""
    python = interpreter(cache)
    height, width, _ = pictures[0].shape
    with tempfile.NamedTemporaryFile(suffix=".rgb") as raw:
        for picture in pictures:
            raw.write(np.ascontiguousarray(picture).tobytes())
        raw.flush()
        answer = subprocess.run(
            [python, _SCRIPT, raw.name, str(width), str(height)],
            check=True,
            capture_output=True,
            text=True,
        )
    result: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return result
