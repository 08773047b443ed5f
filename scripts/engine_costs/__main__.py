"""Count the engines and print the model's tables; needs torch and the pulled BlazePose models."""

import argparse
import json
from pathlib import Path

from coach_server.settings import Settings
from scripts.command import run
from scripts.engine_costs.engines import engines, of_the_zoo
from scripts.engine_costs.table import as_json, engine_table, lines_of, shares, stage_table


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cache", type=Path, default=Settings().cache)
    parser.add_argument("--json", type=Path, help="where all figures go")
    asked = parser.parse_args()
    counted = [lines_of(engine) for engine in engines(asked.cache)]
    reached = shares(of_the_zoo())
    for whole, stages in counted:
        if len(stages) > 1:
            print(f"{whole.name}\n\n{stage_table(stages)}\n")
    print(engine_table([whole for whole, _ in counted], reached))
    print()
    for share in reached:
        print(f"{share.of}: {share.reached:.0%} of the floor is reached")
    if asked.json:
        asked.json.write_text(json.dumps(as_json(counted, reached), indent=1))


if __name__ == "__main__":
    run(main)
