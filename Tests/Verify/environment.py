"""Python environments for proving patched trees: one a project and release, below .kerb/venv/."""

import os
import subprocess
import sys
from pathlib import Path

WORKSPACE = Path(os.environ["KERB_WORKSPACE"])
RELEASE = os.environ["KERB_RELEASE"]
PROJECT = os.environ["KERB_PROJECT"]
PINS = Path(__file__).parent / "pins"


def clean():
    """This process's environment without what leads another Python astray."""
    kept = {key: value for key, value in os.environ.items()
            if key not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")}
    return {**kept, "LC_ALL": "C.UTF-8"}


def python(requirements, extra=()):
    """The interpreter of an environment that has what a file of pins and some more words name.

    Made when it is not there, or when the requirements have changed; with uv where that is
    installed, which is six times as fast as pip."""
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
