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
from scripts.bench.cpu import machine
from scripts.cue_scores.noise import measured
from scripts.cue_scores.report import markdown
from scripts.cue_scores.tiers import Advance, Size, Tier

TIERS: Final = ("T0", "T1")
QUICK: Final = Size(routines=1, students=1, rows=False)


def run(
    *,
    tiers: Sequence[str] = TIERS,
    quick: bool = False,
    rows: bool = True,
    split: str = "val",
) -> dict[str, Any]:
    """All figures.

    Args:
        tiers: which of `TIERS`.
        quick: one routine only: whether it runs, not how good it is.
        rows: whether the rows of robustness and the controls are run as well.
        split: the set whose trials T1's errors are measured on.

    Raises:
        InputError: a tier or a set is not known.
    """
    if unknown := set(tiers) - set(TIERS):
        raise InputError(f"There is no tier {min(unknown)}.", hint=f"Choose of {', '.join(TIERS)}.")
    size = QUICK if quick else Size(rows=rows)
    result: dict[str, Any] = {"machine": machine(), "split": split, "tiers": {}}
    with _progress() as advance:
        for tier in sorted(set(tiers)):
            noise = measured(split) if tier == "T1" else None
            result["tiers"][tier] = Tier(noise, size, advance).run()
    return result


def table(result: dict[str, Any]) -> str:
    """The figures as markdown tables."""
    return markdown(result)


@contextmanager
def _progress() -> Iterator[Advance]:
    """Counts sessions on stderr."""
    shown = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*shown, console=Console(stderr=True)) as progress:
        task = progress.add_task("sessions", total=None)

        def advance(what: str) -> None:
            progress.update(task, advance=1, description=what)

        yield advance
