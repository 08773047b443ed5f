"""`python -m scripts.engine_proofs [--all] [--json FILE]`: the table; exit 1 if anything failed."""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from scripts.engine_proofs.cases import Case, all_of_them, quick
from scripts.engine_proofs.row import CONTROLS
from scripts.engine_proofs.table import is_proven, table

LIMIT_S: Final = 900
"""For a row: the largest takes a tenth of it on two cores."""


def main() -> None:
    """Prove the graphs one after another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="every graph, all three levels")
    parser.add_argument("--json", type=Path, help="write the rows there as well")
    asked = parser.parse_args()
    cases = all_of_them() if asked.all else quick()
    say("the controls, which must fail")
    controls = run_apart(CONTROLS)
    rows = []
    for number, case in enumerate(cases, start=1):
        say(f"{number} of {len(cases)}: {case.name}, {case.precision}, {case.target}")
        rows.append({**_nothing(case), **run_apart(case.as_dict())})
    print(table(rows))
    print(f"\ncontrols: {controls['reason'] or 'all failed, as they must'}")
    if asked.json:
        asked.json.write_text(json.dumps({"rows": rows, "controls": controls}, indent=1))
    proven = sum(is_proven(row) for row in rows)
    print(f"{proven} of {len(rows)} graphs proven")
    sys.exit(0 if proven == len(rows) and is_proven(controls) else 1)


def run_apart(asked: object) -> dict[str, Any]:
    """What a process of its own answers; a reason where it does not."""
    command = [sys.executable, "-m", "scripts.engine_proofs.row", json.dumps(asked)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return {"reason": f"it took more than {LIMIT_S} seconds"}
    if done.returncode:
        last = [line for line in done.stderr.splitlines() if line.strip()][-1:]
        return {"reason": f"its process ended with {done.returncode}: {' '.join(last)[:300]}"}
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def say(text: str) -> None:
    """Progress goes to stderr."""
    print(text, file=sys.stderr, flush=True)


def _nothing(case: Case) -> dict[str, Any]:
    return {"name": case.name, "precision": case.precision, "target": case.target}


if __name__ == "__main__":
    main()
