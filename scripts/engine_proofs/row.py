"""One row of the table, in a process of its own: `python -m scripts.engine_proofs.row CASE`.

The last line on stdout is the row as JSON. A process of its own gives its memory back, and if the
compiler takes it down, that is a row that says so.
"""

import json
import sys
from collections.abc import Callable
from typing import Any, Final

from scripts.engine_proofs.fake_device import fake_device

CONTROLS: Final = "controls"
"""In a case's place: run what must fail."""


def main() -> None:
    """Run the case that is named in JSON as the only argument."""
    asked = json.loads(sys.argv[1])
    fake_device()
    answer = _controls() if asked == CONTROLS else _row(asked)
    sys.stdout.write(f"\n{json.dumps(answer)}\n")


def _controls() -> dict[str, Any]:
    from scripts.engine_proofs import levels
    from scripts.engine_proofs.controls import run_controls

    levels.quiet()
    try:
        run_controls()
    except levels.Unproven as error:
        return {"reason": str(error)}
    return {"reason": ""}


def _row(asked: dict[str, Any]) -> dict[str, Any]:
    from scripts.engine_proofs import levels
    from scripts.engine_proofs.cases import Case, shipped_model

    levels.quiet()
    case = Case.of(asked)
    row: dict[str, Any] = {"name": case.name, "precision": case.precision, "target": case.target}
    graph = case.graph()

    def first() -> dict[str, Any]:
        return {"operations": levels.one_engine(graph)}

    def second() -> dict[str, Any]:
        return _checked(levels.plan_of(graph, case.target))

    def third() -> dict[str, Any]:
        return _checked(levels.plan_of_onnx(graph, levels.onnx_of(graph), case.target))

    def ours() -> dict[str, Any]:
        return _checked(levels.plan_of_onnx(graph, shipped_model(), case.target))

    def _checked(built: levels.Built) -> dict[str, Any]:
        levels.check_precision(built, half=case.half)
        return {"mb": round(built.megabytes, 1), "seconds": round(built.seconds, 1)}

    run: dict[int, Callable[[], dict[str, Any]]] = {1: first, 2: second, 3: third}
    if case.network == "shipped" and case.variant == "streaming" and not case.half:
        run[3] = ours  # the model that the CPU runs
    for level in case.levels:
        try:
            row[f"level_{level}"] = run[level]()
        except levels.Unproven as error:
            row["reason"] = f"level {level}: {error}"
            break
    return row


if __name__ == "__main__":
    main()
