"""Says which patches apply to the ends of upstream's git branches, which are past the released archives
that the stacks are made for. Nothing is written but the page.

    branch_ends.py --kerb KERB --clones FOLDER --page docs/branch-ends.md

FOLDER has a clone of each project: PROJECT or PROJECT.git. Patches of setup.cfg are
put into git's form first, see setup_cfg.py.

Exit status 1 if a patch does not apply and --strict is given, 2 if there is nothing to look at."""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import setup_cfg

WORKSPACE = Path(__file__).parents[2]
HEAD = """# Ends of upstream's branches

Made by `make verify-branch-ends` from `patches/`, `series/` and clones of upstream; not to be edited.

The stacks are made for released archives, which `series/upstream.lock` names. This is how they fare on what
git has for the same release: `stable/X`, `unmaintained/X`, the tags of their end, and `master`. Applying is
all that is tried here.

setuptools writes `setup.cfg` anew when it makes an archive, so a patch of that file fits either the archive
or git, and a three-way merge with the archive's tree as base is a conflict in every line. The patches are
those for archives. On git they are put into git's form by `Tests/Verify/setup_cfg.py PATCH`, which changes
the white space of that file's lines alone; it is marked `git's form` here, and what the two say has been
compared: the same entry points. Whoever locks such a stack on git takes the text which that prints.

| stack | end | commit | patches | verdict |
| --- | --- | --- | --- | --- |
"""


def output(*command):
    """What a program prints. Throws subprocess.CalledProcessError."""
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode()


def end(message):
    """Says why nothing could be looked at, and ends this with status 2."""
    print(message, file=sys.stderr)
    sys.exit(2)


def clone(folder, project):
    """The clone of a project, or None."""
    names = (project, f"{project}.git")
    return next((folder / name for name in names if (folder / name).exists()), None)


def ends(repository, release):
    """The refs that end a release's branch and the commit of each, as kerb looks for them."""
    names = ["refs/heads/master"] if release == "master" else [
        f"refs/heads/stable/{release}", f"refs/heads/unmaintained/{release}",
        f"refs/tags/{release}-eol", f"refs/tags/{release}-eom"]
    for name in names:
        found = subprocess.run(
            ["git", "-C", repository, "rev-parse", "-q", "--verify", f"{name}^{{commit}}"],
            stdout=subprocess.PIPE, check=False)
        if found.returncode == 0:
            yield name.split("/", 2)[2], found.stdout.decode().strip()


class Stack:
    """A stack, and its patches as they fit a tree from git."""

    def __init__(self, name, kerb, folder):
        self.name = name
        self.release, self.project = name.split("/")
        listed = output(kerb, "series", "-C", WORKSPACE, "--absolute", name).splitlines()
        self.patches, self.is_other = [], False
        for index, path in enumerate(map(Path, listed)):
            text = setup_cfg.git_form(path.read_bytes())
            if text != path.read_bytes():
                self.is_other = True
                self._compare(path, folder)
            # In a folder of its own, so that the name is the patch's.
            place = folder / f"{self.release}-{self.project}" / str(index) / path.name
            place.parent.mkdir(parents=True)
            place.write_bytes(text)
            self.patches.append(place)

    def _compare(self, path, folder):
        """Keeps what the archive's setup.cfg says more with the patch."""
        lock = (WORKSPACE / "series" / "upstream.lock").read_text().splitlines()
        (commit,) = [line.split()[3] for line in lock if line.split()[:2] == [self.release, self.project]]
        repository = WORKSPACE / ".kerb" / "upstream" / f"{self.project}.git"
        self.meaning = meaning(repository, commit, path, folder)

    def fare(self, kerb, repository, commit, folder):
        """The outcome of each patch, by name, and what is wrong."""
        run = subprocess.run(
            [kerb, "replay", "--repo", repository, "--onto", commit, "--dry-run", "--json", *self.patches],
            stdout=subprocess.PIPE, check=False)
        if run.returncode not in (0, 1):
            end(f"{self.name} on {commit}: kerb replay ended with {run.returncode}")
        result = json.loads(run.stdout)
        problems = [
            f"{Path(step['patch']).name}: `{path['path']}`: {path.get('reason', path['outcome'])}"
            for step in result["steps"] for path in step["paths"]
            if path["outcome"] in ("conflicted", "blocked")]
        if self.is_other and not problems:
            (patch,) = [path for path in self.patches if b"a/setup.cfg " in path.read_bytes()]
            if meaning(repository, commit, patch, folder) != self.meaning:
                problems.append(f"{patch.name}: `setup.cfg` says something else than the archive's")
        return [step["outcome"] for step in result["steps"]], problems


def meaning(repository, commit, patch, folder):
    """What a patch makes the setup.cfg of a commit say that it did not."""
    with tempfile.TemporaryDirectory(dir=folder) as tree:
        before = output("git", "-C", repository, "show", f"{commit}:setup.cfg")
        file = Path(tree) / "setup.cfg"
        file.write_text(before)
        subprocess.run(["git", "apply", "--include=setup.cfg", patch], cwd=tree, check=True,
                       env={"GIT_CEILING_DIRECTORIES": str(folder), "PATH": "/usr/bin:/bin"})
        return setup_cfg.added(before, file.read_text())


def row(stack, name, commit, outcomes, problems):
    """A line of the table."""
    counts = ", ".join(f"{outcomes.count(kind)} {kind}" for kind in dict.fromkeys(outcomes))
    verdict = counts + (", one in git's form" if stack.is_other else "")
    good = sum(outcome in ("clean", "moved", "merged", "landed") for outcome in outcomes)
    return f"| {stack.name} | `{name}` | {commit[:10]} | {good} of {len(outcomes)} | {verdict} |"


def stacks():
    """The stacks that have patches."""
    for series in sorted((WORKSPACE / "series").iterdir()):
        release, listed = series.name, series.read_text().splitlines()
        if series.suffix == ".lock":
            continue
        yield from dict.fromkeys(
            f"{release}/{line.split('/')[0]}" for line in listed if line.strip() and line[0] != "#")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kerb", required=True, type=Path)
    parser.add_argument("--clones", required=True, type=Path)
    parser.add_argument("--page", type=Path)
    parser.add_argument("--strict", action="store_true")
    options = parser.parse_args()
    kerb, rows, notes = options.kerb.resolve(), [], []
    with tempfile.TemporaryDirectory() as folder:
        for stack in (Stack(name, kerb, Path(folder)) for name in stacks()):
            repository = clone(options.clones, stack.project)
            found = list(ends(repository, stack.release)) if repository else []
            if not found:
                rows.append(f"| {stack.name} | none at hand | | | not tried |")
            for name, commit in found:
                outcomes, problems = stack.fare(kerb, repository, commit, Path(folder))
                rows.append(row(stack, name, commit, outcomes, problems))
                notes += [f"- {stack.name} on `{name}`: {problem}" for problem in problems]
    if all("not tried" in line for line in rows):
        end(f"{options.clones} has no clone of a project here: give the folder of the clones")
    text = HEAD + "\n".join(rows) + "\n"
    text += "\nWhat does not apply:\n\n" + "\n".join(notes) if notes else "\nEvery patch applies."
    text += "\n"
    if options.page:
        options.page.write_text(text)
    print(text[len(HEAD):])
    return 1 if notes and options.strict else 0


if __name__ == "__main__":
    sys.exit(main())
