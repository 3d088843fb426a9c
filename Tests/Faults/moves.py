#!/usr/bin/env python3
"""Kills kerb, or lets a call fail, at every call that writes, and looks at what is left.

    faults.py --kerb BIN [--only NAME] [--fault KILL|ENOSPC|EIO] [--every N]

Each scenario is a command on a small workspace. For each call N of those that write, the command is run
with that call struck by strace; then the next command finishes or drops what was left. Patches, series,
lock, resolutions and the state of a stopped run must then be all as before, or all as after; and where
they are as before, the command must still get through. A command whose call failed must not say that
all is well while nothing was done. Exit status 1 if one of these does not hold. Needs strace.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CALLS = (
    "openat,write,pwrite64,writev,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,"
    "rmdir,fsync,fdatasync,ftruncate,fchmod,chmod,symlink,symlinkat,flock"
)
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

    def state(self):
        """All that must change as one: the workspace's files and the state of a stopped run."""
        found = {}
        for folder in ["patches", "series", ".kerb/stopped"]:
            for file in sorted((self.workspace / folder).rglob("*")):
                if file.is_file():
                    text = file.read_bytes()
                    found[str(file.relative_to(self.workspace))] = text
        return found


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


REBASE = ["rebase", "master", "--update", "--from", "../upstream"]
# name: how the world is made, the command, its exit status
SCENARIOS = {
    "rebase": (lambda world: None, REBASE, 0),
    "stop": (conflict, REBASE, 3),
    "continue": (resolved, ["continue"], 0),
    "skip": (stopped, ["skip"], 0),
    "abort": (resolved, ["abort"], 0),
    "port": (ported, ["port", "2024.1", "master"], 0),
}


def traced(world, command, *options):
    return world.run("strace", "-f", "-qq", "-o", world.folder / "trace", *options, world.kerb, *command,
                     folder=world.workspace, accept=None)


def calls(world, command, status):
    """How many writing calls the busiest thread makes."""
    done = traced(world, command, "-e", f"trace={CALLS}")
    if done.returncode != status:
        sys.exit(f"{command}: exit {done.returncode}, not {status}\n{done.stdout}{done.stderr}")
    counts = {}
    for line in (world.folder / "trace").read_text(errors="replace").splitlines():
        thread = line.split(None, 1)[0]
        counts[thread] = counts.get(thread, 0) + 1
    return max(counts.values())


def struck_a_write(world):
    """False where the call that failed only opened a file to read it."""
    lines = (world.folder / "trace").read_text(errors="replace").splitlines()
    struck = [line for line in lines if line.endswith("(INJECTED)")]
    return any("openat(" not in line or re.search("O_CREAT|O_WRONLY|O_RDWR", line) for line in struck)


def play(kerb, name, fault, every, scenarios=None, settle=None):
    """Strikes a scenario's command at each call; settle is a command that must change nothing afterwards."""
    prepare, command, status = (scenarios or SCENARIOS)[name]
    with tempfile.TemporaryDirectory() as folder:
        world = World(kerb, folder)
        prepare(world)
        world.save()
        old = world.state()
        count = calls(world, command, status)
        new = world.state()
        if old == new:
            sys.exit(f"{name}: the command changes nothing")
        what = "signal=KILL" if fault == "KILL" else f"error={fault}"
        bad, olds, news = [], 0, 0
        for number in range(1, count + 1, every):
            world.restore()
            done = traced(world, command, "-e", f"inject={CALLS}:{what}:when={number}")
            after = world.run(kerb, "series", "master/demo", folder=world.workspace, accept=None)
            left = world.state()
            if left not in (old, new):
                bad.append((number, "a mixed state", sorted(set(left.items()) ^ set(old.items()))[:2], done.stderr))
                continue
            is_new = left == new
            olds, news = olds + (not is_new), news + is_new
            if after.returncode != 0:
                bad.append((number, "the next command fails", after.stderr, done.stderr))
            elif fault != "KILL" and done.returncode == status and not is_new and struck_a_write(world):
                bad.append((number, "said that all is well and did nothing", done.stdout, ""))
            elif is_new and settle and world.run(kerb, *settle, folder=world.workspace, accept=None).returncode != 0:
                bad.append((number, "what comes after it fails", settle, done.stderr))
            elif is_new and settle and world.state() != new:
                bad.append((number, "what comes after it changes files", settle, done.stderr))
            elif not is_new:
                again = world.run(kerb, *command, folder=world.workspace, accept=None)
                if again.returncode != status or world.state() != new:
                    bad.append((number, f"does not get through afterwards: exit {again.returncode}",
                                again.stderr + again.stdout, done.stderr))
        print(f"{name} {fault}: {olds + news + len(bad)} of {count} calls struck: "
              f"{olds} as before, {news} as after, {len(bad)} wrong", flush=True)
        for entry in bad[:5]:
            print("   ", *(str(part)[:400] for part in entry), flush=True)
        return bad


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kerb", required=True, type=lambda text: str(Path(text).resolve()))
    options.add_argument("--only", choices=SCENARIOS)
    options.add_argument("--fault", choices=["KILL", "ENOSPC", "EIO"])
    options.add_argument("--every", type=int, default=1)
    chosen = options.parse_args()
    bad = []
    for name in [chosen.only] if chosen.only else SCENARIOS:
        for fault in [chosen.fault] if chosen.fault else ["KILL", "ENOSPC", "EIO"]:
            bad += play(chosen.kerb, name, fault, chosen.every)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
