#!/usr/bin/env python3
"""Breaks a command off at each of its system calls that write, and looks at what is left.

A case is a workspace and a command line. The command is run once under strace to see its calls; then
again for each of them in a fresh copy, killed there (SIGKILL) or with the call failing (ENOSPC, EIO,
EACCES). After that the follow-up command runs, and all files outside .kerb/ together with what the
state command prints must be those of before or those of after: never a mixture, never anything else.

    faults.py --kerb KERB --driver DRIVER [--only NAME…]           the cases below, and pairs of processes
    faults.py --workspace DIR [--state CMD] -- CMD…                 any command, in copies of any folder

Words of the command are taken as they are; the folder of the copy is the current one.
"""

import argparse
import collections
import concurrent.futures
import dataclasses
import hashlib
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading

CALLS = """open openat creat write pwrite64 pwritev writev rename renameat renameat2 link linkat symlink
symlinkat unlink unlinkat mkdir mkdirat rmdir fsync fdatasync ftruncate truncate chmod fchmod fchmodat
flock""".split()
ERRORS = ["ENOSPC", "EIO", "EACCES"]
ENVIRONMENT = {
    "PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "CI": "true",
    "SOURCE_DATE_EPOCH": "1700000000", "GIT_CONFIG_NOSYSTEM": "1",
}
# A command that hangs is a fault too.
SECONDS = 120


@dataclasses.dataclass
class Case:
    """What is broken off, where, and how its outcome is read."""

    name: str
    # Puts a workspace into an empty folder.
    prepare: object
    command: list
    # Run after the fault: any command that recovers.
    follow_up: list
    # Run last; its output is compared along with the files.
    state: list
    errors: list = dataclasses.field(default_factory=lambda: list(ERRORS))
    # True for a command whose work is done also where it says that it failed: a recovery.
    recovers: bool = False


@dataclasses.dataclass(frozen=True)
class Point:
    """A call: its name, and how many of that name the process made before, and this one."""

    call: str
    number: int
    text: str


def run(command, folder, prefix=()):
    return subprocess.run(
        [*prefix, *command], cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL,
        capture_output=True, timeout=SECONDS)


def snapshot(case, folder):
    """Every file outside .kerb/ with its bits and bytes, and what the state command says."""
    files = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name.split("/")[0] == ".kerb" or (path.is_dir() and not path.is_symlink()):
            continue
        if path.is_symlink():
            files[name] = ("link", os.readlink(path))
        else:
            files[name] = (path.stat().st_mode & 0o777, hashlib.sha256(path.read_bytes()).hexdigest())
    said = run(case.state, folder) if case.state else None
    if said and said.returncode != 0:
        raise SystemExit(f"{case.name}: the state command failed: {said.stderr.decode()}")
    return files, said.stdout.decode() if said else ""


def points(case, base, scratch):
    """The calls of a run without faults, by the thread that made them; and the outcome."""
    folder = scratch / "whole"
    shutil.copytree(base, folder, symlinks=True)
    log = scratch / "whole.strace"
    done = run(
        case.command, folder,
        ["strace", "-f", "-qq", "-o", log, "-e", "trace=?" + ",?".join(CALLS), "-e", "signal=none"])
    if done.returncode != 0:
        raise SystemExit(f"{case.name}: fails without faults: {done.stderr.decode()}")
    found = {}
    counts = collections.Counter()
    for line in log.read_text(errors="replace").splitlines():
        match = re.match(r"(\d+)\s+(\w+)\((.*)", line)
        if not match or match[2] not in CALLS:
            continue
        thread, call, text = match.groups()
        counts[thread, call] += 1
        opens = call.startswith("open")
        if not opens or "O_CREAT" in text:
            found[call, counts[thread, call]] = Point(call, counts[thread, call], text[:100])
    follow = run(case.follow_up, folder)
    if follow.returncode != 0:
        raise SystemExit(f"{case.name}: the follow-up fails: {follow.stderr.decode()}")
    outcome = snapshot(case, folder)
    shutil.rmtree(folder)
    return list(found.values()), outcome


def strike(case, base, scratch, point, fault, old, new):
    """One fault in a fresh copy.

    Returns old, new, missed (the call did not come) or a sentence that says what is wrong.
    """
    folder = scratch / f"{threading.get_ident()}"
    shutil.copytree(base, folder, symlinks=True)
    try:
        log = folder.with_suffix(".strace")
        what = "signal=KILL" if fault == "KILL" else f"error={fault}"
        broken = run(
            case.command, folder,
            ["strace", "-f", "-qq", "-o", log, "-e", f"trace={point.call}",
             "-e", f"inject={point.call}:{what}:when={point.number}"])
        struck = log.read_text(errors="replace")
        if fault == "KILL":
            hit = broken.returncode in (-9, 137) or "killed by SIGKILL" in struck
        else:
            hit = "(INJECTED)" in struck
        follow = run(case.follow_up, folder)
        if follow.returncode != 0:
            return f"the follow-up gave {follow.returncode}: {follow.stderr.decode().strip()}"
        outcome = snapshot(case, folder)
        if outcome not in (old, new):
            return "mixed: " + difference(outcome, old, new)
        if not hit:
            return "missed"
        if fault != "KILL" and not case.recovers and outcome == old != new and broken.returncode == 0:
            return "old, and the command says that all is well"
        if broken.returncode == 0 and b"error" in broken.stderr:
            return f"exit code 0 with an error: {broken.stderr.decode().strip()}"
        return "new" if outcome == new else "old"
    except subprocess.TimeoutExpired:
        return "hangs"
    finally:
        shutil.rmtree(folder)


def difference(outcome, old, new):
    files, said = outcome
    strange = [name for name in sorted({*files, *old[0], *new[0]})
               if files.get(name) not in (old[0].get(name), new[0].get(name))]
    as_old = [name for name in sorted({*old[0], *new[0]})
              if files.get(name) == old[0].get(name) != new[0].get(name)]
    return f"strange {strange}, as before {as_old}, state {said.strip()!r}"


def play(case, jobs):
    """All faults of a case; the number of those that went wrong."""
    with tempfile.TemporaryDirectory(prefix="faults-", dir=memory()) as name:
        scratch = pathlib.Path(name)
        base = scratch / "base"
        base.mkdir()
        case.prepare(base)
        untouched = scratch / "untouched"
        shutil.copytree(base, untouched, symlinks=True)
        run(case.follow_up, untouched)
        old = snapshot(case, untouched)
        found, new = points(case, base, scratch)
        assert found, f"{case.name}: no call that writes"
        assert case.recovers or old != new, f"{case.name}: changes nothing"
        work = [(point, fault) for point in found for fault in ["KILL", *case.errors]]
        tally = collections.Counter()
        wrong = 0
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            results = pool.map(
                lambda item: strike(case, base, scratch, *item, old, new), work)
            for (point, fault), result in zip(work, results):
                if result in ("old", "new", "missed"):
                    tally[result] += 1
                else:
                    wrong += 1
                    print(f"  {fault} at {point.call} {point.number} ({point.text}): {result}")
        print(f"{case.name}: {len(found)} calls, {len(work)} faults: {tally['old']} left the old files, "
              f"{tally['new']} the new, {tally['missed']} did not come, {wrong} wrong", flush=True)
        return wrong + (len(work) == tally["missed"])


def memory():
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def write(folder, files):
    for name, text in files.items():
        path = pathlib.Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


PATCH = """From: A <a@example.org>
Subject: [PATCH] {0}

why
---
 x | 2 +-

diff --git a/{0} b/{0}
--- a/{0}
+++ b/{0}
@@ -1,1 +1,1 @@
-a
+b
--{1}
2.39
"""


def workspace(folder):
    """A workspace with three patches that are not in canonical form."""
    write(folder, {
        "kerb.yaml": "version: 1\nreleases: [master]\nprojects:\n  demo:\n"
                     "    git: https://example.org/demo.git\n",
        "series/master": "demo/a.patch\ndemo/b.patch\ndemo/c.patch\n",
        **{f"patches/demo/{name}.patch": PATCH.format(name, " ") for name in "abc"},
    })
    os.chmod(folder / "patches/demo/b.patch", 0o600)


def must(command, folder):
    done = run(command, folder)
    if done.returncode != 0:
        raise SystemExit(f"{shlex.join(command)}: {done.stdout.decode()}{done.stderr.decode()}")


def clone(folder):
    """A clone of an upstream with two commits, beside the workspace's own folder."""
    upstream = folder / ".kerb/clone"
    write(upstream, {"x": "a\n"})
    must(["git", "init", "-q", "-b", "master", str(upstream)], folder)
    for words in (["add", "."], ["-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", "x"]):
        must(["git", "-C", str(upstream), *words], folder)


def cases(kerb, driver):
    """The commands that write today, and what the journal can do beyond them."""
    log = [kerb, "log"]
    state = [kerb, "log", "--json"]
    read = [driver, ".", "read", "@run", "@other"]

    def formatted(folder):
        workspace(folder)
        must([kerb, "fmt"], folder)

    def undone(folder):
        formatted(folder)
        must([kerb, "undo"], folder)

    def fetched(folder):
        workspace(folder)
        clone(folder)

    def mixed(folder):
        write(folder, {"change": "1", "remove/me": "2", "file": "3", "folder/x": "4", "stays": "5"})
        must([driver, ".", "write", "first", "@run=1", "@other=1", "change=0"], folder)

    write_mixed = [
        driver, ".", "write", "mixed", "change=one", "remove/me-", "new/deep/file=six", "file-",
        "file/x=3", "folder/x-", "folder=4", "@run=2", "@other-"]

    def broken_off(call, number):
        def prepare(folder):
            mixed(folder)
            run(write_mixed, folder, [
                "strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
                "-e", f"inject={call}:signal=KILL:when={number}"])
        return prepare

    def left(name, numbers):
        """Breaks the set off at the first of these calls that leaves the journal's file of that name."""
        def prepare(folder):
            for number in numbers:
                for call in ("renameat", "fsync"):
                    shutil.rmtree(folder)
                    folder.mkdir()
                    broken_off(call, number)(folder)
                    if (folder / ".kerb/journal" / name).exists():
                        return
            raise SystemExit(f"no fault leaves {name}")
        return prepare

    return [
        Case("fmt", workspace, [kerb, "fmt"], log, state),
        Case("fmt again", undone, [kerb, "fmt"], log, state, errors=["EIO"]),
        Case("undo", formatted, [kerb, "undo"], log, state),
        Case("redo", undone, [kerb, "redo"], log, state),
        # Kills only: its threads wake each other by writes to an eventfd, which fail on no machine.
        Case("fetch", fetched, [kerb, "fetch", "--from", ".kerb/clone"], log, state, errors=[]),
        Case("a set of everything", mixed, write_mixed, read, read),
        Case("recovery, committed", left("committed", range(1, 41)), read, read, read, recovers=True),
        Case("recovery, prepared", left("prepared", range(40, 0, -1)), read, read, read, recovers=True),
    ]


def pairs(driver, count):
    """Two processes that write and one that reads, at once, again and again."""
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="faults-", dir=memory()) as name:
        write(name, {"a": "0", "b": "0"})
        must([driver, ".", "write", "begin", "a=start", "b=start"], name)
        for turn in range(count):
            commands = [
                [driver, ".", "write", f"left {turn}", f"a=left {turn}", f"b=left {turn}"],
                [driver, ".", "write", f"right {turn}", f"a=right {turn}", f"b=right {turn}"],
                [driver, ".", "read", "a", "b"],
            ]
            running = [subprocess.Popen(
                command, cwd=name, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                for command in commands]
            said = [process.communicate(timeout=SECONDS) for process in running]
            lines = dict(line.split(": ", 1) for line in said[2][0].decode().splitlines())
            files = {pathlib.Path(name, file).read_text() for file in "ab"}
            if any(process.returncode for process in running) or lines["a"] != lines["b"] or len(files) != 1:
                wrong += 1
                print(f"  pair {turn}: {[process.returncode for process in running]}, {lines}, {files}, "
                      f"{[errors.decode() for _, errors in said]}")
        log = subprocess.run(
            [driver, ".", "read"], cwd=name, env=ENVIRONMENT, capture_output=True, text=True)
        made = len(re.findall(r'"(?:left|right) \d+"', log.stdout))
        if made != 2 * count:
            wrong += 1
            print(f"  the log has {made} operations of {2 * count}")
    print(f"pairs of processes: {count} pairs and a reader each, {made} operations, {wrong} wrong")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kerb", help="the program")
    parser.add_argument("--driver", help="JournalDriver, which the tests build")
    parser.add_argument("--only", nargs="*", help="names of cases; 'pairs' for the processes at once")
    parser.add_argument("--pairs", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--workspace", type=pathlib.Path, help="a folder; with CMD after --")
    parser.add_argument("--follow-up", default="kerb log", help="a command that recovers")
    parser.add_argument("--state", default="kerb log --json", help="prints what has to match")
    parser.add_argument("command", nargs="*")
    options = parser.parse_args()
    if not shutil.which("strace"):
        print("strace is not installed", file=sys.stderr)
        sys.exit(5)
    if options.workspace:
        source = options.workspace.absolute()
        case = Case(
            shlex.join(options.command), lambda folder: shutil.copytree(source, folder, symlinks=True, dirs_exist_ok=True),
            options.command, shlex.split(options.follow_up), shlex.split(options.state))
        sys.exit(1 if play(case, options.jobs) else 0)
    kerb, driver = (str(pathlib.Path(path).absolute()) for path in (options.kerb, options.driver))
    wrong = 0
    for case in cases(kerb, driver):
        if not options.only or case.name in options.only:
            wrong += play(case, options.jobs)
    if not options.only or "pairs" in options.only:
        wrong += pairs(driver, options.pairs)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
