#!/usr/bin/env python3
"""Kills kerb, or lets a call fail, at every call that writes, and looks at what is left.

    moves.py --kerb BIN [--only NAME…] [--fault KILL|ENOSPC|EIO|EACCES…] [--every N] [--jobs N]

Each scenario is a command on a small workspace. For each call N of those that write, the command is run
with that call struck; then the next command finishes or drops what was left. Patches, series,
lock, resolutions and the state of a stopped run must then be all as before, or all as after; and where
they are as before, the command must still get through. A command whose call failed must not say that
all is well while nothing was done. Exit status 1 if one of these does not hold. Needs strace and cc.
"""

import argparse
import concurrent.futures
import dataclasses
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import strike

ENVIRONMENT = {
    "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "NO_COLOR": "1",
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z",
}
FORMAT = ["--zero-commit", "--full-index", "--no-signature", "--no-stat", "-N", "-q"]


class World:
    """An upstream that has moved, and a workspace with three patches for two releases."""

    def __init__(self, kerb, folder):
        self.kerb = kerb
        self.folder = Path(folder)
        self.workspace = self.folder / "work"
        self.saved = self.folder / "saved"
        self.build()

    def run(self, *command, folder=None, accept=(0,)):
        done = subprocess.run(
            [str(part) for part in command], cwd=folder or self.folder, env=ENVIRONMENT,
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if accept and done.returncode not in accept:
            sys.exit(f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def commit(self, folder, files):
        for name, text in files.items():
            (self.folder / folder / name).write_text(text)
        self.run("git", "add", ".", folder=self.folder / folder)
        self.run("git", "commit", "-q", "-m", f"change {sorted(files)}", folder=self.folder / folder)

    def build(self):
        lines = [f"{number}\n" for number in range(1, 31)]
        self.run("git", "init", "-q", "-b", "master", "upstream")
        self.commit("upstream", {"list.txt": "".join(lines), "code.py": "def f():\n    return 1\n", "c.txt": "c\n"})
        self.run("git", "branch", "stable/2024.1", folder=self.folder / "upstream")
        self.run("git", "clone", "-q", "upstream", "clone")
        self.commit("clone", {"list.txt": "".join(lines).replace("5\n", "five\n", 1)})
        self.commit("clone", {"code.py": "def f():\n    return 2\n"})
        self.commit("clone", {"c.txt": "c\nd\n"})
        self.workspace.mkdir()
        self.run(self.kerb, "init", "--project", "demo", "--git", "https://example.org/d.git", folder=self.workspace)
        configuration = self.workspace / "kerb.yaml"
        configuration.write_text(re.sub(
            "(?m)^releases:.*", 'releases: ["2024.1", master]', configuration.read_text()))
        self.run("git", "format-patch", *FORMAT, "-3", "-o", self.workspace / "patches/demo",
                 folder=self.folder / "clone")
        names = []
        for file in sorted((self.workspace / "patches/demo").iterdir()):
            names.append(f"demo/{file.name[5:]}\n")
            file.rename(file.with_name(file.name[5:]))
        for release in ["2024.1", "master"]:
            (self.workspace / "series" / release).write_text("".join(names))
        self.run(self.kerb, "fetch", "--update", "--from", self.folder / "upstream", folder=self.workspace)
        self.commit("upstream", {"list.txt": "0\n" + "".join(lines)})

    def save(self):
        shutil.rmtree(self.saved, ignore_errors=True)
        shutil.copytree(self.workspace, self.saved, symlinks=True)

    def restore(self):
        shutil.rmtree(self.workspace)
        shutil.copytree(self.saved, self.workspace, symlinks=True)

    def files(self, *folders, without=()):
        """The bytes of all files in these folders of the workspace, by path."""
        return {str(path.relative_to(self.workspace)): path.read_bytes()
                for folder in folders for path in sorted((self.workspace / folder).rglob("*"))
                if path.is_file() and not any(part in without for part in path.parts)}

    def state(self):
        """All that must change as one: the workspace's files and the state of a stopped run."""
        return self.files("patches", "series", ".kerb/stopped")

    def trees(self):
        """The files of the applied stacks."""
        return self.files("src", without=[".git"])

    def leftovers(self):
        """Locks, and files on the way to their places, that no process holds any more.

        A kill in an export leaves a folder beside its place; kerb does not remove what is not in its own.
        """
        def is_left(path):
            if path.name.endswith(".lock"):
                # That of the series is no lock, and the index is written under a name of kerb's own.
                return path.name not in ("upstream.lock", "index.kerb.lock") and not path.is_dir()
            return path.name.startswith(".kerb-") or path.name in ("prepared", "committed")

        return [str(path.relative_to(self.workspace)) for path in sorted(self.workspace.rglob("*"))
                if is_left(path) and self.workspace / "out" not in path.parents]


def conflict(world):
    world.commit("upstream", {"code.py": "def f():\n    return 3\n"})


def stopped(world):
    conflict(world)
    world.run(world.kerb, *REBASE, folder=world.workspace, accept=(3,))


def resolved(world):
    stopped(world)
    (world.workspace / "src/master/demo/code.py").write_text("def f():\n    return 5\n")


def ported(world):
    (world.workspace / "series/master").write_text("# none yet\n")
    world.run(world.kerb, "fetch", "master", "--update", "--from", world.folder / "upstream",
              folder=world.workspace)


@dataclasses.dataclass
class Scenario:
    """A command that is struck, and what must be whole afterwards."""

    prepare: object
    command: list
    status: int = 0
    # What must be all old or all new; by default the workspace's files.
    state: object = World.state
    # True for what may be made again at any time: then only the next run has to make all of it.
    is_derived: bool = False
    # Exit statuses of that next run.
    again: tuple = ()
    # The command that comes after the strike.
    after: tuple = ("series", "master/demo")
    # False where a refresh afterwards says nothing.
    settles: bool = True


REBASE = ["rebase", "master", "--update", "--from", "../upstream"]
SCENARIOS = {
    "rebase": Scenario(lambda world: None, REBASE),
    "stop": Scenario(conflict, REBASE, 3),
    "continue": Scenario(resolved, ["continue"]),
    "skip": Scenario(stopped, ["skip"]),
    "abort": Scenario(resolved, ["abort"]),
    "port": Scenario(ported, ["port", "2024.1", "master"]),
}


def play(world_type, kerb, name, fault, every, scenarios, settle=None):
    """Strikes a scenario's command at each of its calls; what is to be told, and what went wrong.

    settle is a command that must change nothing afterwards.
    """
    scenario = scenarios[name]
    command, status = [kerb, *scenario.command], scenario.status
    with tempfile.TemporaryDirectory(prefix="faults-", dir=strike.memory()) as folder:
        world = world_type(kerb, folder)
        scenario.prepare(world)
        world.save()
        old = scenario.state(world)
        striker = strike.Striker(kerb, ENVIRONMENT, folder)
        done = striker.run(command, world.workspace)
        if done.returncode != status:
            sys.exit(f"{command}: exit {done.returncode}, not {status}\n{done.stdout}{done.stderr}")
        new, trees, count = scenario.state(world), world.trees(), len(striker.calls)
        if old == new:
            sys.exit(f"{name}: the command changes nothing")
        bad, olds, news, missed = [], 0, 0, 0
        world.restore()
        unseen = striker.compare(command, world.workspace)
        if unseen:
            bad.append((0, "calls that strace sees, and strike.c", unseen))
        for number in range(1, count + 1, every):
            world.restore()
            done = striker.run(command, world.workspace, number, fault)
            call = striker.struck
            if not call:
                missed += 1
                continue
            said_well = fault != "KILL" and done.returncode == status
            followed = world.trees() == trees
            after = world.run(kerb, *scenario.after, folder=world.workspace, accept=None)
            left = scenario.state(world)
            is_new = left == new
            olds, news = olds + (not is_new), news + is_new
            wrong = None
            if left not in (old, new) and not scenario.is_derived:
                wrong = "a mixed state", sorted(set(left.items()) ^ set(old.items()))[:2]
            elif after.returncode not in ((0, 2) if scenario.is_derived else (0,)):
                wrong = "the next command fails", after.stderr
            elif said_well and not is_new:
                wrong = "said that all is well and did not do it", done.stdout
            elif said_well and not followed:
                wrong = "said that all is well, and the work trees do not follow", done.stdout
            elif is_new and settle and scenario.settles and not scenario.is_derived:
                last = world.run(kerb, *settle, folder=world.workspace, accept=None)
                if last.returncode != 0:
                    wrong = "what comes after it fails", last.stderr
                elif scenario.state(world) != new:
                    wrong = "what comes after it changes files", last.stdout
            elif not is_new:
                again = world.run(*command, folder=world.workspace, accept=None)
                if again.returncode not in (scenario.again or (status,)) or scenario.state(world) != new:
                    wrong = f"does not get through afterwards: exit {again.returncode}", again.stderr + again.stdout
            if not wrong and world.leftovers():
                wrong = "is left behind", world.leftovers()
            if wrong:
                bad.append((call, *wrong, done.stderr))
        told = [f"{name} {fault}: {count} calls, {olds} as before, {news} as after, {missed} did not come, "
                f"{len(bad)} wrong"]
        return told + ["    " + " ".join(str(part)[:600] for part in entry) for entry in bad[:5]], len(bad)


def play_all(world_type, chosen, scenarios, settle=None):
    """All that was chosen of scenarios and faults, side by side; exits with 1 if anything went wrong."""
    work = [(name, fault) for name in chosen.only or scenarios for fault in chosen.fault or strike.FAULTS]
    wrong = 0
    with concurrent.futures.ThreadPoolExecutor(chosen.jobs) as pool:
        results = pool.map(
            lambda item: play(world_type, chosen.kerb, *item, chosen.every, scenarios, settle), work)
        for told, bad in results:
            print(*told, sep="\n", flush=True)
            wrong += bad
    print(f"{len(work)} scenarios with their faults: {wrong} wrong")
    sys.exit(1 if wrong else 0)


def arguments(description, scenarios):
    """The options that moves and edits share."""
    options = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kerb", required=True, type=lambda text: str(Path(text).resolve()))
    options.add_argument("--only", nargs="*", choices=scenarios)
    options.add_argument("--fault", nargs="*", choices=strike.FAULTS)
    options.add_argument("--every", type=int, default=1)
    options.add_argument("--jobs", type=int, default=os.cpu_count())
    return options


def main():
    play_all(World, arguments(__doc__, SCENARIOS).parse_args(), SCENARIOS)


if __name__ == "__main__":
    main()
