"""Where a proof runs: the workspace and stack that `kerb exec` names, and a Python environment for each
project and release, below .kerb/venv/."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

WORKSPACE = Path(os.environ["KERB_WORKSPACE"])
RELEASE = os.environ["KERB_RELEASE"]
PROJECT = os.environ["KERB_PROJECT"]
PINS = Path(__file__).parent / "pins"


def upstream(project=PROJECT):
    """The commit that the first patch of the stack is on, or of the release's stack of another project,
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


def python(requirements=None, extra=()):
    """The interpreter of an environment that has what a file of pins and some more words name; without
    a name, the pins of the project and release.

    Made when it is not there, or when the requirements have changed; with uv where that is
    installed, which is six times as fast as pip."""
    requirements = requirements or PINS / f"{PROJECT}-{RELEASE}.txt"
    folder = WORKSPACE / ".kerb" / "venv" / f"{PROJECT}-{RELEASE}"
    wanted = Path(requirements).read_text() + "\n".join(extra)
    stamp = folder / "requirements"
    interpreter = folder / "bin" / "python"
    if stamp.exists() and stamp.read_text() == wanted:
        return str(interpreter)
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True, env=clean())
    arguments = ["-r", requirements, *extra]
    if subprocess.run(["sh", "-c", "command -v uv"], capture_output=True, check=False).returncode == 0:
        command = ["uv", "pip", "install", "-q", "--python", interpreter, *arguments]
    else:
        command = [interpreter, "-m", "pip", "install", "-q", *arguments]
    subprocess.run(command, check=True, env=clean())
    stamp.write_text(wanted)
    return str(interpreter)


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
