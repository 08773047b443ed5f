"""Trains the lifter: `python -m scripts.train_lifter FOLDER`.

FOLDER holds the checkpoint, the plan's course as `curve.png`, and nothing else; run it again to go
on where it stopped. Needs the `train` extra and a training set (`scripts.shoot_training`).
"""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

import torch

from coach_server.errors import InputError
from coach_server.inference.videopose.encoding import Encoding
from coach_server.inference.videopose.importing import parsed_widths
from coach_server.settings import Settings
from scripts.lifter.augmentation import Augmentation
from scripts.lifter.curve import draw_curve
from scripts.lifter.evaluation import evaluate
from scripts.lifter.export import export
from scripts.lifter.filmed import Filmed
from scripts.lifter.loop import CHECKPOINT, Plan, Row, Training, read_checkpoint
from scripts.lifter.losses import LossWeights
from scripts.studio.training.corpus import sequences

HELD_OUT: int = 20
"""One sequence in so many is not learnt from but judged by."""
JUDGED_EVERY: int = 7
"""Of the held-out frames one in so many is judged."""
ENGINES = Path(__file__).resolve().parents[1] / "engines"


def main() -> None:
    """Train, or go on; then write the engine where one is named."""
    plan, settings = Plan(), Settings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="of this training")
    set_name = f"{settings.keypoints}-{plan.seed}"
    default_set = settings.cache / "studio" / "training" / set_name
    parser.add_argument("--filmed", type=Path, action="append", help=f"default: {default_set}")
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
    parser.add_argument("--export", help="name of the engine to write when all steps are done")
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
    learnt = Filmed((s for s in shot if s.number % HELD_OUT), given.hard)
    held_out = Filmed(s for s in shot if s.number % HELD_OUT == 0)
    judged = held_out.every(JUDGED_EVERY, plan.architecture.receptive_field)
    print(f"{learnt.frames} frames to learn from, {len(judged.points)} to judge by", flush=True)
    training = Training(plan, learnt, given.folder, first=given.first)

    def report(row: Row) -> None:
        numbers = {**row.losses, **row.figures}
        said = "  ".join(f"{name} {value:.3f}" for name, value in numbers.items())
        print(f"{row.step:7d}  {row.minutes:6.1f} min  {said}", flush=True)
        draw_curve(training.history, given.folder / "curve.png", given.folder.name)

    done = training.run(
        lambda network: evaluate(network, judged, plan.encoding),
        every=given.every,
        minutes=given.minutes,
        report=report,
    )
    if done and given.export:
        print(export(read_checkpoint(given.folder / CHECKPOINT), given.export, ENGINES))


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(f"{error.message} {error.hint}")
