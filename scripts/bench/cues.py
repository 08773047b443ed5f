"""`coach bench cues`: how good the coach is, beside other ways to compare, in the same run.

T0 has exact joints, T1 joints with the lifter's own errors, T2 what the studio filmed, through the
product's detector and lifter.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from coach_server.errors import InputError
from coach_server.inference.lifters import LoadedLifter
from coach_server.inference.recipe import Recipes
from coach_server.settings import load_settings
from scripts.bench.cpu import machine
from scripts.cue_scores.films_tier import Films
from scripts.cue_scores.kept import Kept
from scripts.cue_scores.noise_fit import measured
from scripts.cue_scores.practices import practices
from scripts.cue_scores.report import markdown
from scripts.cue_scores.tiers import Size
from scripts.cue_scores.tiers import tier as drawn
from scripts.cue_scores.watching import Advance

TIERS: Final = ("T0", "T1", "T2")
SPLITS: Final = ("dev", "val")
QUICK: Final = Size(routines=1, students=1, rows=False)


def run(
    *,
    tiers: Sequence[str] | None = None,
    quick: bool = False,
    rows: bool = True,
    rivals: bool = True,
    split: str = "val",
) -> dict[str, Any]:
    """All figures.

    Args:
        tiers: which of `TIERS`; None for all, T2 only where practices have been filmed.
        quick: one routine only: whether it runs, not how good it is.
        rows: whether the rows of robustness and the controls are run as well.
        rivals: whether other ways to compare are run as well.
        split: the set whose trials T1's errors are measured on, and whose practices T2 judges.

    Raises:
        InputError: a tier or a set is not known, or its practices are not there.
    """
    chosen = tuple(sorted(set(TIERS if tiers is None else tiers)))
    for given, known in (((split,), SPLITS), (chosen, TIERS)):
        if unknown := set(given) - set(known):
            raise InputError(f"There is no {min(unknown)}.", hint=f"Choose of {', '.join(known)}.")
    size = QUICK if quick else Size(rows=rows, rivals=rivals)
    result: dict[str, Any] = {"machine": machine(), "split": split, "tiers": {}, "left_out": {}}
    with _progress() as advance:
        for tier in chosen:
            try:
                result["tiers"][tier] = _tier(tier, split, size, advance)
            except InputError as error:
                if tiers is not None or tier != "T2":
                    raise
                result["left_out"][tier] = error.message
    return result


def table(result: dict[str, Any]) -> str:
    """The figures as markdown tables."""
    return markdown(result)


def _tier(tier: str, split: str, size: Size, advance: Advance) -> dict[str, Any]:
    if tier != "T2":
        return drawn(measured(split) if tier == "T1" else None, size, advance)
    settings = load_settings(device="cpu")  # whatever `--gpu` asks for
    found = practices(f"{settings.keypoints}-{split}", settings.cache)
    lifter = LoadedLifter.load(Recipes.known(settings.cache), settings.lifter, "cpu")
    return Films(found, lifter, Kept(settings.cache), advance, quick=size is QUICK).run()


@contextmanager
def _progress() -> Iterator[Advance]:
    """Counts sessions on stderr."""
    shown = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*shown, console=Console(stderr=True)) as progress:
        task = progress.add_task("sessions", total=None)

        def advance(what: str) -> None:
            progress.update(task, advance=1, description=what)

        yield advance
