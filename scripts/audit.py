"""Known faults of the packages in use: `python -m scripts.audit [--strict]`.

pip-audit looks at the environment that this runs in, from an environment of its own. A fault that
is known fails, with the version that mends it, unless `scripts/audit_accepted.toml` says why it
does no harm here, and until when that is believed. Where no service can be reached, or none knows
the packages, that is said, and is no failure (with --strict it is): a build must not hang on it.
"""

import argparse
import json
import subprocess
import sysconfig
import tempfile
import tomllib
import venv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from coach_server.errors import InputError
from scripts import command

AUDITOR: Final = "pip-audit==2.10.1"
SERVICES: Final = ("osv", "pypi")
ACCEPTED: Final = Path(__file__).with_name("audit_accepted.toml")
OWN: Final = "coach-server"
TIMEOUT_S: Final = 600


@dataclass(frozen=True, slots=True)
class Findings:
    """What an answer of pip-audit comes to.

    Attributes:
        faults: a line for each that nobody has accepted.
        accepted: a line for each that somebody has.
        unknown: packages that the service does not know.
        known: how many it knows.
    """

    faults: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    known: int = 0


def judged(answer: Mapping[str, Any], accepted: Mapping[str, Any], today: date) -> Findings:
    """Judge an answer of pip-audit (its JSON).

    Args:
        answer: what it printed.
        accepted: by the id of a fault: `reason`, and `until` (a date), from when on it counts.
        today: that day.
    """
    found, known = Findings(), 0
    for package in answer["dependencies"]:
        name = package["name"]
        if "skip_reason" in package:
            if name != OWN:
                found.unknown.append(name)
            continue
        known += 1
        for fault in package["vulns"]:
            mends = ", ".join(fault["fix_versions"]) or "none yet"
            line = f"{name} {package['version']}: {fault['id']}; mended in: {mends}"
            names = [fault["id"], *fault.get("aliases", [])]
            because = next((accepted[each] for each in names if each in accepted), None)
            if because is None:
                found.faults.append(line)
            elif because["until"] < today:
                found.faults.append(f"{line} (accepted until {because['until']}, which is over)")
            else:
                found.accepted.append(f"{line} ({because['reason']})")
    return Findings(found.faults, found.accepted, found.unknown, known)


def asked(service: str, python: Path, packages: str) -> dict[str, Any] | None:
    """What a service knows of the packages in a folder; None where it cannot be reached.

    The exit code tells nothing: it is 1 for faults and for a network that is not there.
    """
    options = ["--path", packages, "--vulnerability-service", service, "--timeout", "15"]
    done = subprocess.run(
        [python, "-m", "pip_audit", *options, "--format", "json", "--progress-spinner", "off"],
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and "dependencies" in answer else None


def _auditor(folder: Path) -> Path:
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    try:
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", AUDITOR], check=True, timeout=TIMEOUT_S
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise InputError(f"{AUDITOR} cannot be installed.", hint="It needs pip's index.") from error
    return python


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strict", action="store_true", help="fail where nothing could be asked")
    strict = parser.parse_args().strict
    accepted = {each["id"]: each for each in tomllib.loads(ACCEPTED.read_text())["accepted"]}
    today = datetime.now(UTC).date()
    findings = Findings()
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        python = _auditor(Path(folder))
        for service in SERVICES:
            answer = asked(service, python, sysconfig.get_path("purelib"))
            if answer is not None and (findings := judged(answer, accepted, today)).known:
                break
    for line in findings.accepted:
        print(f"accepted: {line}")
    if not findings.known:
        unasked = "No service of known faults could be asked: nothing was audited."
        if strict:
            raise InputError(unasked, hint="Run it where the internet can be reached.")
        print(unasked)
        return
    print(f"{findings.known} packages are known, {len(findings.unknown)} are not")
    if findings.faults:
        raise InputError("\n".join(findings.faults), hint="Update them, or accept them by name.")


if __name__ == "__main__":
    command.run(main)
