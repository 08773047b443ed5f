"""`coach lift`: keypoints from anywhere to joints in space."""

from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from coach_server.cli.console import progress_bar, stderr
from coach_server.cli.options import Lifter
from coach_server.files import check_writable
from coach_server.inference.lifters import load_lifter
from coach_server.library.lifting import lift_rows, load_keypoints, save_joints
from coach_server.settings import load_settings


def lift(
    keypoints: Annotated[
        Path,
        typer.Argument(
            metavar="KEYPOINTS.npz",
            show_default=False,
            help="keypoints (T,17,3), image_size, fps and maybe depth (T,17); a track will do",
        ),
    ],
    out: Annotated[Path, typer.Option(help="where the joints go (.npz)")],
    lifter: Lifter = None,
) -> None:
    """Joints of keypoints, causally: row t depends on rows up to t."""
    check_writable(out)
    rows = load_keypoints(keypoints)
    settings = load_settings()
    engine = load_lifter(settings.cache, lifter or settings.lifter, settings.device).new()
    with progress_bar() as progress:
        joints, sigma = lift_rows(rows, engine, partial(progress, f"lifting {keypoints.name}"))
    save_joints(joints, sigma, out)
    present = int(np.isfinite(joints).all(axis=(1, 2)).sum())
    stderr.print(f"{present} of {len(joints)} rows with a person -> {out}", markup=False)
