"""Where a proof runs: the workspace and stack that `kerb exec` names, and a Python environment for each
project and release, below .kerb/venv/."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

WORKSPACE = Path(os.environ["KERB_WORKSPACE"])
RELEASE = os.environ["KERB_RELEASE"]
PROJECT = os.environ["KERB_PROJECT"]
PINS = Path(__file__).parent / "pins"


def upstream(project=PROJECT):
    """The commit that the first patch of the stack, or of another project's stack of the release, is on,
    as series/upstream.lock names it."""
    for line in (WORKSPACE / "series" / "upstream.lock").read_text().splitlines():
        fields = line.split()
        if fields[:2] == [RELEASE, project]:
            return fields[3]
    sys.exit(f"series/upstream.lock has no {RELEASE}/{project}")


def clean():
    """This process's environment without what leads another Python astray, and with a place for byte
    code that is outside the patched tree."""
    astray = ("PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")
    kept = {key: value for key, value in os.environ.items() if key not in astray}
    byte_code = WORKSPACE / ".kerb" / "pycache"
    return {**kept, "LC_ALL": "C.UTF-8", "PYTHONPYCACHEPREFIX": str(byte_code)}


def python(name=None):
    """The interpreter of an environment that has what a file of pins names; without a name, that of the
    project and release.

    Made when it is not there, or when the requirements have changed; with uv where that is
    installed, which is six times as fast as pip."""
    name = name or f"{PROJECT}-{RELEASE}"
    requirements = PINS / f"{name}.txt"
    folder = WORKSPACE / ".kerb" / "venv" / name
    wanted = requirements.read_text()
    stamp = folder / "requirements"
    interpreter = folder / "bin" / "python"
    if stamp.exists() and stamp.read_text() == wanted:
        return str(interpreter)
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True, env=clean())
    arguments = ["-r", requirements]
    if shutil.which("uv"):
        command = ["uv", "pip", "install", "-q", "--python", interpreter, *arguments]
    else:
        command = [interpreter, "-m", "pip", "install", "-q", *arguments]
    subprocess.run(command, check=True, env=clean())
    stamp.write_text(wanted)
    return str(interpreter)


def python_or_end(name=None):
    """As `python`; where the environment cannot be made, says so and ends this with status 125."""
    try:
        return python(name)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"no environment: {error}", file=sys.stderr)
        sys.exit(125)


def run_tests(interpreter, modules, directory=".", small=0, about=None, output=None):
    """Runs tests of the project's tree in a directory.

    Args:
        modules: for each module, the names (CLASS.TEST) of the tests to run.
        small: a module with no more tests than this is run whole.
        about: a pattern; tests whose method's name it matches are run as well.
        output: where the run prints to, as subprocess.run takes it.

    Returns: for each module, its tests by name with what came of them, "passed", "failed" or "skipped",
        several where a test runs with several data; None for a module that cannot be imported.
    Throws: subprocess.CalledProcessError where the run itself breaks off."""
    outcomes = {}
    # Unit and functional tests share one process badly: both replace parts of the project.
    functional = {name for name in modules if ".functional." in name}
    for kind in (set(modules) - functional, functional):
        if not kind:
            continue
        job = {"modules": {name: sorted(modules[name]) for name in sorted(kind)},
               "small": small, "about": about}
        with tempfile.NamedTemporaryFile("r") as report:
            subprocess.run(
                [interpreter, "-W", "ignore", Path(__file__).parent / "suite.py", report.name],
                input=json.dumps(job).encode(), stdout=output, stderr=output, cwd=directory,
                env=clean(), check=True)
            outcomes |= json.load(report)
    return outcomes


def report(outcomes):
    """Prints what came of the tests that `run_tests` ran.

    Returns: whether tests have passed, none has failed, and all modules could be imported."""
    for name in sorted(name for name, tests in outcomes.items() if tests is None):
        print(f"{name} cannot be imported")
    ended = [outcome for tests in outcomes.values() for of in (tests or {}).values() for outcome in of]
    count = {outcome: ended.count(outcome) for outcome in ("passed", "failed", "skipped")}
    print(f"{len(outcomes)} modules: " + ", ".join(f"{n} {outcome}" for outcome, n in count.items()))
    return bool(count["passed"]) and not count["failed"] and None not in outcomes.values()
