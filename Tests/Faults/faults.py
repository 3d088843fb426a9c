#!/usr/bin/env python3
"""Breaks the journal off at each of its system calls that write, and looks at what is left.

A case is a workspace and a command line. The command is run once to see its calls; then again for each
of them in a fresh copy, killed there (SIGKILL) or with the call failing (ENOSPC, EIO, EACCES). After that the follow-up command runs, and all files outside .kerb/ together with what the
state command prints must be those of before or those of after: never a mixture, never anything else.

    faults.py --driver DRIVER [--only NAME…]                       the cases below, and pairs of processes
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

import strike

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
    # True for a command whose work is done also where it says that it failed: a recovery.
    recovers: bool = False

    @property
    def program(self):
        return self.command[0]


def run(command, folder):
    return subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL,
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


def whole(case, base, scratch):
    """The calls of a run without faults, and the outcome."""
    folder = scratch / "whole"
    shutil.copytree(base, folder, symlinks=True)
    striker = strike.Striker(case.program, ENVIRONMENT, scratch)
    done = striker.run(case.command, folder)
    if done.returncode != 0:
        raise SystemExit(f"{case.name}: fails without faults: {done.stderr}")
    calls = striker.calls
    follow = run(case.follow_up, folder)
    if follow.returncode != 0:
        raise SystemExit(f"{case.name}: the follow-up fails: {follow.stderr.decode()}")
    outcome = snapshot(case, folder)
    shutil.rmtree(folder)
    shutil.copytree(base, folder, symlinks=True)
    unseen = striker.compare(case.command, folder)
    if unseen:
        raise SystemExit(f"{case.name}: calls that strace sees, and strike.c: {unseen}")
    shutil.rmtree(folder)
    return calls, outcome


def break_off(case, base, scratch, number, fault, old, new):
    """One fault in a fresh copy.

    Returns old, new, missed (the call did not come) or a sentence that says what is wrong.
    """
    folder = scratch / f"{threading.get_ident()}"
    shutil.copytree(base, folder, symlinks=True)
    try:
        striker = strike.Striker(case.program, ENVIRONMENT, scratch)
        broken = striker.run(case.command, folder, number, fault)
        hit = striker.struck
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
        if broken.returncode == 0 and "error" in broken.stderr:
            return f"exit code 0 with an error: {broken.stderr.strip()}"
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
    with tempfile.TemporaryDirectory(prefix="faults-", dir=strike.memory()) as name:
        scratch = pathlib.Path(name)
        base = scratch / "base"
        base.mkdir()
        case.prepare(base)
        untouched = scratch / "untouched"
        shutil.copytree(base, untouched, symlinks=True)
        run(case.follow_up, untouched)
        old = snapshot(case, untouched)
        found, new = whole(case, base, scratch)
        assert found, f"{case.name}: no call that writes"
        assert case.recovers or old != new, f"{case.name}: changes nothing"
        work = [(number, fault) for number in range(1, len(found) + 1) for fault in strike.FAULTS]
        tally = collections.Counter()
        wrong = 0
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            results = pool.map(
                lambda item: break_off(case, base, scratch, *item, old, new), work)
            for (number, fault), result in zip(work, results):
                if result in ("old", "new", "missed"):
                    tally[result] += 1
                else:
                    wrong += 1
                    print(f"  {fault} at {found[number - 1]}: {result}")
        print(f"{case.name}: {len(found)} calls, {len(work)} faults: {tally['old']} left the old files, "
              f"{tally['new']} the new, {tally['missed']} did not come, {wrong} wrong", flush=True)
        return wrong + (len(work) == tally["missed"])


def write(folder, files):
    for name, text in files.items():
        path = pathlib.Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def must(command, folder):
    done = run(command, folder)
    if done.returncode != 0:
        raise SystemExit(f"{shlex.join(command)}: {done.stdout.decode()}{done.stderr.decode()}")


def cases(driver):
    """What the journal can do, beyond what commands do with it; those are in authoring.py and moves.py."""
    read = [driver, ".", "read", "@run", "@other"]

    def mixed(folder):
        write(folder, {"change": "1", "remove/me": "2", "file": "3", "folder/x": "4", "stays": "5"})
        must([driver, ".", "write", "first", "@run=1", "@other=1", "change=0"], folder)

    write_mixed = [
        driver, ".", "write", "mixed", "change=one", "remove/me-", "new/deep/file=six", "file-",
        "file/x=3", "folder/x-", "folder=4", "@run=2", "@other-"]

    def left(name, is_last=False):
        """Breaks the set off where the journal's file of that name is there, at the first or last such call."""
        def prepare(folder):
            with tempfile.TemporaryDirectory() as scratch:
                mixed(folder)
                striker = strike.Striker(driver, ENVIRONMENT, scratch)
                striker.run(write_mixed, folder)
                numbers = range(1, len(striker.calls) + 1)
                for number in reversed(numbers) if is_last else numbers:
                    shutil.rmtree(folder)
                    folder.mkdir()
                    mixed(folder)
                    striker.run(write_mixed, folder, number)
                    if (folder / ".kerb/journal" / name).exists():
                        return
                raise SystemExit(f"no fault leaves {name}")
        return prepare

    return [
        Case("a set of everything", mixed, write_mixed, read, read),
        Case("recovery, committed", left("committed"), read, read, read, recovers=True),
        Case("recovery, prepared", left("prepared", is_last=True), read, read, read, recovers=True),
    ]


def pairs(driver, count):
    """Two processes that write and one that reads, at once, again and again."""
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="faults-", dir=strike.memory()) as name:
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
    driver = str(pathlib.Path(options.driver).absolute())
    wrong = 0
    for case in cases(driver):
        if not options.only or case.name in options.only:
            wrong += play(case, options.jobs)
    if not options.only or "pairs" in options.only:
        wrong += pairs(driver, options.pairs)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
