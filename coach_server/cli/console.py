"""Progress and messages on stderr; results alone go to stdout."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars

from coach_server.inference.protocols import Progress

stderr = Console(stderr=True, highlight=False, soft_wrap=True)


_COLUMNS: Final = (
    TextColumn("{task.description}"),
    BarColumn(),
    TaskProgressColumn(),
    TimeRemainingColumn(compact=True),
)


class PassingBars:
    """A bar for each stage that goes when the stage is done: for work beside a running server."""

    def __init__(self) -> None:
        self._bars: dict[str, Bars] = {}

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """As `Progress`; a stage without an end shows no bar."""
        if total is None:
            return
        if stage not in self._bars and done < total:
            bars = self._bars[stage] = Bars(*_COLUMNS, console=stderr)
            bars.add_task(stage, total=total)
            bars.start()
        if stage in self._bars:
            self._bars[stage].update(TaskID(0), completed=done)
            if done >= total:
                self._bars.pop(stage).stop()


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """One bar on stderr for work that names its stages; a new name begins a new line."""
    with Bars(*_COLUMNS, console=stderr) as bars:
        tasks: dict[str, TaskID] = {}

        def step(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield step


@contextmanager
def work_bar() -> Iterator[Progress]:
    """One bar on stderr for work whose stages are shares of one whole: it names the stage."""
    with Bars(*_COLUMNS, console=stderr) as bars:
        task = bars.add_task("", total=None)

        def step(stage: str, done: int, total: int | None) -> None:
            bars.update(task, description=stage, completed=done, total=total)

        yield step


def columns(rows: Sequence[tuple[str, ...]]) -> str:
    """Rows as aligned plain text, for people and for `awk` alike; the last column runs on."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in rows
    ]
    return "\n".join(lines)
