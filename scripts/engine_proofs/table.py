"""The table of what was proven, for people and for programs."""

from collections.abc import Sequence
from typing import Any, Final

_HEAD: Final = (
    "graph",
    "precision",
    "for",
    "1: operations in one engine",
    "2: plan, MB / s",
    "3: from ONNX, MB / s",
    "proven",
)


def is_proven(row: dict[str, Any]) -> bool:
    """Whether every level that was asked for passed."""
    return not row.get("reason")


def table(rows: Sequence[dict[str, Any]]) -> str:
    """A table in Markdown, a row a graph."""
    lines = [_line(_HEAD), _line(["---"] * len(_HEAD)), *(_line(_cells(row)) for row in rows)]
    return "\n".join(lines)


def _cells(row: dict[str, Any]) -> list[str]:
    first = row.get("level_1")
    return [
        row["name"],
        row["precision"],
        row["target"],
        str(first["operations"]) if first else "-",
        *(_plan(row.get(f"level_{level}")) for level in (2, 3)),
        "yes" if is_proven(row) else f"NO: {row['reason']}",
    ]


def _plan(built: dict[str, Any] | None) -> str:
    return f"{built['mb']:.1f} / {built['seconds']:.1f}" if built else "-"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
