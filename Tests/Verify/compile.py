"""Checks the files that the newest commit of this work tree changed: Python compiles, scripts of
bash can be parsed, JSON and, where PyYAML is at hand, YAML can be read. `kerb exec --each` runs it after every patch.

Exit status 1 if a file is broken, 125 if there is no commit to look at."""

import json
import subprocess
import sys
from pathlib import Path

try:
    import yaml
except ImportError:
    yaml = None


def changed():
    """The files that the newest commit added or changed."""
    listed = subprocess.run(
        ["git", "diff", "--name-only", "-z", "--diff-filter=AMR", "HEAD~1", "HEAD"],
        capture_output=True, check=False)
    if listed.returncode:
        sys.exit(125)
    return [Path(name) for name in listed.stdout.decode().split("\0") if name]


def problem(path):
    """Why a file is broken, or None."""
    try:
        if path.suffix == ".py":
            compile(path.read_bytes(), str(path), "exec")
        elif path.suffix == ".sh":
            subprocess.run(["bash", "-n", path], capture_output=True, text=True, check=True)
        elif path.suffix == ".json":
            json.loads(path.read_text())
        elif path.suffix in (".yaml", ".yml") and yaml and "{{" not in path.read_text():
            list(yaml.compose_all(path.read_text()))
    except subprocess.CalledProcessError as error:
        return error.stderr.strip()
    except Exception as error:
        return f"{path}: {error}"
    return None


def main():
    files = changed()
    problems = [text for text in map(problem, files) if text]
    print("\n".join(problems) or f"{len(files)} files are well formed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
