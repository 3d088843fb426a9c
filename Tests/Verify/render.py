"""What Kolla makes of its templates: the files of each image, for a distribution and a choice of images."""

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import changes
import environment

FOLDER = environment.WORKSPACE / ".kerb" / "kolla" / environment.RELEASE


class Tree:
    """A tree of Kolla whose templates can be rendered."""

    def __init__(self, directory, interpreter):
        self.directory = Path(directory)
        self.interpreter = interpreter

    def program(self, *arguments):
        """Runs the environment's Python in the tree, and answers what it prints.

        Throws subprocess.CalledProcessError, with what it printed in `output`."""
        return subprocess.run(
            [self.interpreter, *arguments], cwd=self.directory, env=environment.clean(), check=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout

    def render(self, distro, *options):
        """The files that `kolla-build --template-only` makes, by their paths; without the day of the
        build, which is in labels."""
        with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
            self.program("-m", "kolla.cmd.build", "--template-only", "--base", distro,
                         "--base-arch", "x86_64", "--work-dir", folder, *options)
            top = Path(folder) / "docker"
            return {str(path.relative_to(top)): _undated(path.read_text())
                    for path in top.rglob("*") if path.is_file()}


class UpstreamTree(Tree):
    """The tree that the stack's first patch is on. What it renders is kept for the next time."""

    def render(self, distro, *options):
        pins = (environment.PINS / f"{environment.PROJECT}-{environment.RELEASE}.txt").read_bytes()
        question = hashlib.sha256(pins + repr((self.directory.name, distro, options)).encode())
        kept = FOLDER / f"{question.hexdigest()}.json"
        if not kept.exists():
            part = kept.with_suffix(".part")
            part.write_text(json.dumps(super().render(distro, *options)))
            part.rename(kept)
        return json.loads(kept.read_text())


def trees(interpreter):
    """The patched tree and upstream's, each in a folder that is no repository: in one, Kolla takes its
    version from the commit."""
    commit = environment.upstream()
    for name in ("HEAD", commit):
        shutil.rmtree(FOLDER / name, ignore_errors=True)
        changes.lay(FOLDER / name, name)
    return Tree(FOLDER / "HEAD", interpreter), UpstreamTree(FOLDER / commit, interpreter)


def images(files):
    """The names of the images that have a Dockerfile."""
    return {Path(path).parent.name or "." for path in files if Path(path).name == "Dockerfile"}


def instructions(dockerfile):
    """The instructions of a Dockerfile, each on one line with single blanks."""
    joined = dockerfile.replace("\\\n", " ")
    return [" ".join(line.split()) for line in joined.splitlines() if line.strip()]


def _undated(content):
    return re.sub(r'build-date="\d+"', 'build-date=""', content)
