"""Fits the noise model of a detector to the training set: `python -m scripts.fit_noise`.

Prints how well it fits: a model of four fifths of the sequences against the remaining fifth. The
model that is written is one of all of them.
"""

import argparse
from pathlib import Path
from typing import Final

import numpy as np

from coach_server.errors import InputError
from coach_server.inference.engines import Engines
from coach_server.settings import Settings
from scripts.command import run
from scripts.studio.noise.checking import report, said_again
from scripts.studio.noise.errors import errors, observed
from scripts.studio.noise.fitting import fit
from scripts.studio.noise_model import default_path
from scripts.studio.training.corpus import Sequence, sequences

HELD_OUT: Final = 5
"""Of so many sequences of either source, one is held out."""
SEED: Final = 5
DRAWS: Final = 3
"""How often it is drawn what is said of the held-out sequences."""


def held_out(shot: list[Sequence]) -> tuple[list[Sequence], list[Sequence]]:
    """Those to fit a model to, and those to check it with: every fifth of either source."""
    kept: tuple[list[Sequence], list[Sequence]] = ([], [])
    for source in ("mocap", "asanas"):
        for i, sequence in enumerate(s for s in shot if s.source == source):
            kept[i % HELD_OUT == 0].append(sequence)
    return kept


def main() -> None:
    """Fit, check, write."""
    settings = Settings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default=f"{settings.keypoints}-2026", help="of the set")
    parser.add_argument("--keypoints", default=settings.keypoints, help="that it was shot with")
    parser.add_argument("--cache", type=Path, default=settings.cache)
    parser.add_argument("--out", type=Path, help="default: where the studio reads it")
    given = parser.parse_args()
    shot = list(sequences(given.cache / "studio" / "training" / given.name))
    if not shot:
        raise InputError(
            f"There is no training set {given.name}.",
            hint="Shoot it with `python -m scripts.shoot_training`.",
        )
    engines = Engines.load(
        given.cache, keypoints=given.keypoints, lifter=settings.lifter, device="cpu"
    )
    source = {
        "keypoints": given.keypoints,
        "fingerprint": engines.fingerprints()["keypoints"],
        "set": given.name,
        "sequences": len(shot),
        "frames": sum(len(s.found) for s in shot),
    }
    learnt, checked = held_out(shot)
    model = fit(observed(learnt), source)
    again = said_again(model, checked * DRAWS, np.random.default_rng(SEED))
    real, drawn = (errors(observed(s), model.face) for s in (checked, again))
    print(f"{source['sequences']} sequences, {source['frames']} frames\n")
    print(report(real, drawn))
    out = given.out or default_path(given.keypoints)
    fit(observed(shot), source).write(out)
    print(f"\n{out.name}: {out.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    run(main)
