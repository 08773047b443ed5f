"""Fuzz a reader of strangers' bytes: `python -m scripts.fuzz TARGET [--seconds S]`.

Atheris guides by coverage where it is installed (the extra `fuzz`); else seeded mutations are run,
which is said. What is found lies in --keep and belongs into tests/fuzz/corpus/TARGET, where a test
reads it for ever. `python -m scripts.fuzz storm`: many mutated offers and messages for a whole
server, with the figures.
"""

import argparse
import hashlib
import importlib.util
import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from coach_server.errors import InputError
from scripts import command
from scripts.fuzz.mutating import mutated
from scripts.fuzz.storm import run as run_storm
from scripts.fuzz.storm import table
from scripts.fuzz.targets import TARGETS

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
    """Atheris on one target, in a process of its own: it ends the one that it runs in."""
    keep.mkdir(parents=True, exist_ok=True)
    seeds = keep / "seeds"
    for data in TARGETS[name].seeds():
        _kept(data, seeds)
    folders = [keep / "grown", seeds, *([CORPUS / name] if (CORPUS / name).is_dir() else [])]
    (keep / "grown").mkdir(exist_ok=True)
    program = [sys.executable, "-m", "scripts.fuzz.guided", name]
    limits = [f"-max_total_time={int(seconds)}", f"-seed={seed}", "-rss_limit_mb=3000"]
    bounds = ["-timeout=10", "-max_len=65536", f"-artifact_prefix={keep}/", "-verbosity=1"]
    done = subprocess.run([*program, *limits, *bounds, *folders], check=False)
    return int(done.returncode != 0)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=[*TARGETS, "all", "storm"])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plain", action="store_true", help="without atheris")
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
        sys.exit(0 if result["passed"] else 1)
    fuzz = plain if given.plain or not _has_atheris() else guided
    names = list(TARGETS) if given.target == "all" else [given.target]
    finds = sum(fuzz(name, given.seconds, given.seed, given.keep / name) for name in names)
    if finds:
        raise InputError("There were finds.", hint=f"They lie in {given.keep}.")


def _has_atheris() -> bool:
    if importlib.util.find_spec("atheris") is not None:
        return True
    print("atheris is not installed (extra fuzz): seeded mutations", file=sys.stderr)
    return False


if __name__ == "__main__":
    command.run(main)
