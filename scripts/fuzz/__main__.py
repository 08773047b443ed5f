"""Fuzz a reader of strangers' bytes: `python -m scripts.fuzz TARGET [--seconds S]`.

Atheris guides by coverage where it is installed (the extra `fuzz`), and stops at its first find;
else seeded mutations are run, which is said, and refused with --guided. What is found lies in
--keep and belongs into tests/fuzz/corpus/TARGET, where a test reads it for ever. `python -m
scripts.fuzz storm`: many mutated offers and messages for a whole server, with the figures.
"""

import argparse
import hashlib
import importlib.util
import json
import math
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from coach_server.errors import InputError
from scripts import command
from scripts.fuzz.mutating import mutated
from scripts.fuzz.storm import run as run_storm
from scripts.fuzz.storm import table
from scripts.fuzz.targets import TARGETS

_EXECUTED: Final = re.compile(r"stat::number_of_executed_units:\s+(\d+)|Done (\d+) runs in ")
_WRITTEN: Final = re.compile(r"Test unit written to (.+)")
_TAIL: Final = 8

CORPUS: Final = Path(__file__).resolve().parents[2] / "tests" / "fuzz" / "corpus"


def plain(name: str, seconds: float, seed: int, keep: Path) -> int:
    """Mutations of the seeds and of the corpus, for so long; gives how many finds there were."""
    target = TARGETS[name]
    kept = [path.read_bytes() for path in sorted((CORPUS / name).glob("*"))]
    inputs = target.seeds() + kept
    rng = random.Random(seed)  # noqa: S311  # not for secrets: a run is to be made again
    until_s, runs, finds = time.monotonic() + seconds, 0, 0
    while time.monotonic() < until_s:
        runs += 1
        data = mutated(rng.choice(inputs), rng)
        try:
            target.run(data)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is a find
            finds += 1
            path = _kept(data, keep)
            print(f"{type(error).__name__}: {error} - {path}", file=sys.stderr)
    print(f"{name}: {runs} runs from seed {seed}, {finds} finds")
    return finds


def _kept(data: bytes, keep: Path) -> Path:
    keep.mkdir(parents=True, exist_ok=True)
    path = keep / hashlib.sha256(data).hexdigest()[:16]
    path.write_bytes(data)
    return path


def guided(name: str, seconds: float, seed: int, keep: Path) -> int:
    """Atheris on one target, in a process of its own, until a find; gives how many there were.

    Raises:
        InputError: it ended neither at its time nor with a find.
    """
    keep.mkdir(parents=True, exist_ok=True)
    seeds = keep / "seeds"
    for data in TARGETS[name].seeds():
        _kept(data, seeds)
    folders = [keep / "grown", seeds, *([CORPUS / name] if (CORPUS / name).is_dir() else [])]
    (keep / "grown").mkdir(exist_ok=True)
    program = [sys.executable, "-m", "scripts.fuzz.guided", name]
    limits = [f"-max_total_time={math.ceil(seconds)}", f"-seed={seed}", "-rss_limit_mb=3000"]
    bounds = ["-timeout=10", "-max_len=65536", f"-artifact_prefix={keep}/", "-verbosity=1"]
    asked = [*program, *limits, *bounds, "-print_final_stats=1", *map(str, folders)]
    lines: list[str] = []
    with subprocess.Popen(asked, stderr=subprocess.PIPE, text=True, errors="replace") as running:
        for line in running.stderr or ():
            sys.stderr.write(line)
            lines.append(line)
    runs, finds = told(lines)
    if runs is None or (running.returncode and not finds):
        raise InputError(
            f"The guided run of {name} broke off: {''.join(lines[-_TAIL:]).strip()}",
            hint=f"It ended with {running.returncode} and no find.",
        )
    print(f"{name}: {runs} guided runs from seed {seed}, {len(finds)} finds", flush=True)
    return len(finds)


def told(lines: Iterable[str]) -> tuple[int | None, list[str]]:
    """What libFuzzer says: how many runs there were, if it does, and where its finds lie."""
    runs, finds = None, []
    for line in lines:
        if executed := _EXECUTED.search(line):
            runs = int(executed[1] or executed[2])
        elif written := _WRITTEN.search(line):
            finds.append(written[1].strip())
    return runs, finds


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=[*TARGETS, "all", "storm"])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--plain", action="store_true", help="without atheris")
    how.add_argument("--guided", action="store_true", help="with atheris, or not at all")
    parser.add_argument("--keep", type=Path, default=Path("test-artifacts/fuzz"))
    parser.add_argument("--offers", type=int, default=20_000, help="of the storm")
    parser.add_argument("--messages", type=int, default=100_000, help="of the storm")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if given.target == "storm":
        result = run_storm(offers=given.offers, messages=given.messages, seed=given.seed)
        if given.json:
            given.json.write_text(json.dumps(result, indent=2) + "\n")
        print(table(result))
        sys.exit(1 if result["missed"] else 0)
    fuzz = plain if given.plain or not _has_atheris(needed=given.guided) else guided
    names = list(TARGETS) if given.target == "all" else [given.target]
    finds = sum(fuzz(name, given.seconds, given.seed, given.keep / name) for name in names)
    if finds:
        raise InputError("There were finds.", hint=f"They lie in {given.keep}.")


def _has_atheris(*, needed: bool) -> bool:
    if importlib.util.find_spec("atheris") is not None:
        return True
    if needed:
        raise InputError("atheris is not installed.", hint="Install the extra fuzz.")
    print("atheris is not installed (extra fuzz): seeded mutations", file=sys.stderr)
    return False


if __name__ == "__main__":
    command.run(main)
