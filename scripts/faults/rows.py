"""A row of the table: what was done, what came of it, and the goal."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One fault.

    Attributes:
        fault: what was done.
        figure: what came of it.
        unit: of it.
        goal: at least, or at most, where `at_most`; None where there is none.
        at_most: whether less is better.
        more: what else was seen.
    """

    fault: str
    figure: float | None
    unit: str
    goal: float | None = None
    at_most: bool = True
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.goal is None:
            return None
        if self.figure is None:
            return False
        return self.figure <= self.goal if self.at_most else self.figure >= self.goal

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {**asdict(self), "holds": self.holds}


def table(rows: Iterable[Row]) -> str:
    """The rows as a markdown table."""
    lines = ["| fault | figure | goal | holds | besides |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        figure = "-" if row.figure is None else f"{row.figure:g} {row.unit}"
        goal = "" if row.goal is None else f"{'<=' if row.at_most else '>='} {row.goal:g}"
        holds = {None: "", True: "yes", False: "**no**"}[row.holds]
        besides = ", ".join(f"{name} {value}" for name, value in row.more.items())
        lines.append(f"| {row.fault} | {figure} | {goal} | {holds} | {besides} |")
    return "\n".join(lines)
