"""Trains the lifter: `python -m scripts.train_lifter FOLDER`.

FOLDER holds the checkpoint and the course so far as `curve.png`; run it again to go on where it
stopped. Needs the `train` and `studio` extras, a training set (`scripts.shoot_training`) and, for
motion capture beside it, the clips and the model of the detector's errors (`scripts.fit_noise`).
"""

import argparse
import os
import sys

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy's products here are small: torch has the cores

from dataclasses import replace
from pathlib import Path
from typing import Final

import torch

from coach_server.errors import InputError
from coach_server.inference.videopose.encoding import Encoding
from coach_server.inference.videopose.importing import parsed_widths
from coach_server.settings import Settings
from scripts.lifter.augmentation import Augmentation
from scripts.lifter.captured import Captured
from scripts.lifter.curve import draw_curve
from scripts.lifter.evaluation import evaluate, spread_corrections
from scripts.lifter.export import export
from scripts.lifter.filmed import Filmed
from scripts.lifter.loop import Plan, Row, Training
from scripts.lifter.losses import LossWeights
from scripts.lifter.windows import Mixture
from scripts.studio import mocap, noise_model
from scripts.studio.training.corpus import Sequence, sequences

HELD_OUT: Final = 20
"""One pair of sequences (motion capture, asanas) in so many is judged by, not learnt from."""
JUDGED_EVERY: Final = 7
"""Of the held-out frames one in so many is judged."""
ENGINES: Final = Path(__file__).resolve().parents[1] / "engines"


def main() -> None:
    """Train, or go on; then write the engine where one is named, its spreads calibrated."""
    plan, settings = Plan(), Settings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="of this training")
    set_name = f"{settings.keypoints}-{plan.seed}"
    default_set = settings.cache / "studio" / "training" / set_name
    parser.add_argument("--filmed", type=Path, action="append", help=f"default: {default_set}")
    parser.add_argument(
        "--captured", type=float, default=0.5, help="share of windows from motion capture"
    )
    parser.add_argument("--first", type=Path, help="checkpoint of another training to begin from")
    parser.add_argument("--widths", default="3,3,3", help="filter widths")
    parser.add_argument("--channels", type=int, default=plan.channels)
    parser.add_argument("--encoding", type=Encoding, default=plan.encoding, choices=list(Encoding))
    parser.add_argument("--batch", type=int, default=plan.batch, help="windows a step")
    parser.add_argument("--answers", type=int, default=plan.answers, help="of a window")
    parser.add_argument("--steps", type=int, default=plan.steps)
    parser.add_argument("--rate", type=float, default=plan.rate)
    parser.add_argument("--dropout", type=float, default=plan.dropout)
    parser.add_argument("--seed", type=int, default=plan.seed)
    parser.add_argument("--bones", type=float, default=plan.losses.bones, help="weight")
    parser.add_argument("--angles", type=float, default=plan.losses.angles, help="weight")
    parser.add_argument("--spread", type=float, default=plan.losses.spread, help="weight")
    parser.add_argument("--no-depth", type=float, default=plan.augmentation.no_depth, help="share")
    parser.add_argument("--hard", type=float, default=1.0, help="how much oftener hard poses come")
    parser.add_argument("--bf16", action="store_true", help="calculate in bfloat16")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so many")
    parser.add_argument("--every", type=int, default=500, help="steps between two judgements")
    parser.add_argument("--export", help="name of the engine to write at the end of this run")
    given = parser.parse_args()
    plan = replace(
        plan,
        widths=parsed_widths(given.widths),
        channels=given.channels,
        encoding=given.encoding,
        dropout=given.dropout,
        batch=given.batch,
        answers=given.answers,
        steps=given.steps,
        rate=given.rate,
        seed=given.seed,
        bf16=given.bf16,
        losses=LossWeights(given.spread, given.bones, given.angles),
        augmentation=Augmentation(no_depth=given.no_depth),
    )
    torch.set_num_threads(given.threads)
    shot = [s for folder in given.filmed or [default_set] for s in sequences(folder)]
    filmed = Filmed((s for s in shot if not held_out(s)), given.hard)
    source = Mixture([(1.0, filmed)])
    if given.captured > 0:
        file = mocap.MocapFile(mocap.default_path())
        errors = noise_model.NoiseModel.read(noise_model.default_path(settings.keypoints))
        captured = Captured.of_split(file, "train", errors)
        source = Mixture([(1.0 - given.captured, filmed), (given.captured, captured)])
    judged = Filmed(s for s in shot if held_out(s)).every(
        JUDGED_EVERY, plan.architecture.receptive_field
    )
    print(f"{filmed.frames} frames filmed, {len(judged.points)} to judge by", flush=True)
    training = Training(plan, source, given.folder, first=given.first)

    def report(row: Row) -> None:
        numbers = {**row.losses, **row.figures}
        said = "  ".join(f"{name} {value:.3f}" for name, value in numbers.items())
        print(f"{row.step:7d}  {row.minutes:6.1f} min  {said}", flush=True)
        draw_curve(training.history, given.folder / "curve.png", given.folder.name)

    training.run(
        lambda network: evaluate(network, judged, plan.encoding),
        every=given.every,
        minutes=given.minutes,
        report=report,
    )
    if given.export:
        corrections = spread_corrections(training.network, judged, plan.encoding)
        print(export(training.network, plan.encoding, given.export, ENGINES, corrections))


def held_out(sequence: Sequence) -> bool:
    """Whether a sequence is judged by."""
    return sequence.number // 2 % HELD_OUT == 0


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(f"{error.message} {error.hint}")
