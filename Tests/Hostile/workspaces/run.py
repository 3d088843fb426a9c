#!/usr/bin/env python3
"""Runs kerb in hostile workspaces: nothing may start, be read or written outside, hang or grow.

    KERB=path run.py [-k PATTERN] [--list] [--strace] [--keep] [-v]

The last line is `N passed, N failed`. Started by root, kerb runs as somebody without rights. Seconds are shown and
not judged; a command hangs after a minute.
"""

import argparse
import fnmatch
import importlib
import multiprocessing
import multiprocessing.connection
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import cases
import good
from world import Skipped, World

# Loaded before rights are given up: Python itself may be out of reach afterwards.
for module in ("bz2", "gzip", "lzma", "ssl", "zlib", "http.server", "json", "socket", "unicodedata"):
    importlib.import_module(module)
for encoding in ("idna", "unicode_escape", "latin-1", "utf-16", "ascii"):
    "".encode(encoding)

NOBODY = 62017
REPOSITORY = pathlib.Path(__file__).resolve().parents[3]


def arguments():
    parser = argparse.ArgumentParser(description="Runs kerb in hostile workspaces.")
    parser.add_argument(
        "-k", metavar="PATTERN", action="append", help="cases whose name has this in it, or matches it"
    )
    parser.add_argument("--list", action="store_true", help="print the cases and leave")
    parser.add_argument(
        "--strace",
        action="store_true",
        help="look at every program that is started and every file that is opened",
    )
    parser.add_argument("--keep", action="store_true", help="keep the sandboxes")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="cases at once")
    parser.add_argument("-v", action="store_true", help="print each command")
    return parser.parse_args()


def chosen(all_cases, patterns, traced):
    found = [c for c in all_cases if traced or not c.only_traced]
    if patterns:
        found = [
            c for c in found if any(fnmatch.fnmatch(c.name, p if "*" in p else f"*{p}*") for p in patterns)
        ]
    return found


def become_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def run_case(case, root, names, kerb, options):
    """Runs one case in a process of its own; returns (problems, lines, seconds, why it was left out)."""
    if os.getuid() == 0 and not case.as_root:
        become_nobody()
    os.umask(0o022)
    begun = time.monotonic()
    if case.as_root and os.getuid() != 0:
        return [], [], 0, "it is for root only"
    sandbox = pathlib.Path(root) / case.name
    sandbox.mkdir()
    world = World(sandbox, names, kerb, case.way, options.strace)
    skipped = ""
    try:
        plant(world, case)
        world.run_steps()
    except Skipped as reason:
        skipped = str(reason)
    except Exception:
        world.bad("the case itself fails: " + traceback.format_exc()[-1500:])
    for stop in world.stops:
        stop()
    if not options.keep:
        good.remove(sandbox)
    return world.problems, world.lines, time.monotonic() - begun, skipped


def plant(world, case):
    """Puts the case's files where they come from, and makes the clone that kerb runs in."""
    if case.way != cases.PULL_REQUEST:
        world.workspace("warm" if case.way == cases.CACHE else "ws")
        return case.plant(world)
    good.copy(world.base / "pr", world.pr)
    world.site = world.pr
    case.plant(world)
    if not world.ws.is_dir():
        world.publish()
    if paths := world.tracked_paths(case.is_tracked):
        refuse_tracked(world, paths)
    elif case.is_tracked:
        world.bad("git does not track what the case wants tracked")


def refuse_tracked(world, paths):
    """A clone that tracks kerb's own folders: every verb names the path and says that git tracks it. What the
    case says for a workspace that is not refused does not count."""
    world.steps = []
    world.refused(f"{paths[0]}: error: git tracks this path", "[tracked-state]", code=2)


def in_process(case, root, names, kerb, options, pipe):
    try:
        pipe.send(run_case(case, root, names, kerb, options))
    except Exception:
        pipe.send((["the harness fails: " + traceback.format_exc()[-1500:]], [], 0, ""))


def make_base(root, kerb):
    """Makes what cases copy, as the one who runs them; returns the names of its objects."""
    here, there = multiprocessing.Pipe()

    def body():
        if os.getuid() == 0:
            become_nobody()
        os.umask(0o022)
        there.send(good.make(pathlib.Path(root) / "base", kerb))

    process = multiprocessing.Process(target=body)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(5)
    return here.recv()


def runtime(kerb):
    """The folders of the libraries of a binary outside the system's own."""
    out = subprocess.run(["ldd", kerb], capture_output=True, text=True).stdout
    paths = [w for line in out.splitlines() for w in line.split() if w.startswith("/")]
    return ":".join(sorted({os.path.dirname(os.path.realpath(p)) for p in paths}))


def reachable(kerb, root):
    """The binary, copied where the one without rights could not start it."""
    if os.getuid() == 0:
        probe = subprocess.run(
            ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", "test", "-x", kerb]
        )
        if probe.returncode:
            return shutil.copy(kerb, f"{root}/kerb")
    return kerb


def run_all(todo, root, names, kerb, options):
    """Runs the cases, some at once; yields (case, outcome) in their order."""
    context, waiting, running, done = multiprocessing.get_context("fork"), list(todo), {}, {}
    yielded = 0
    while yielded < len(todo):
        while waiting and len(running) < max(1, options.jobs):
            case = waiting.pop(0)
            here, there = context.Pipe(duplex=False)
            process = context.Process(target=in_process, args=(case, root, names, kerb, options, there))
            process.start()
            there.close()
            running[here] = (case, process)
        for pipe in multiprocessing.connection.wait(list(running)):
            case, process = running.pop(pipe)
            try:
                done[case.name] = pipe.recv()
            except EOFError:
                done[case.name] = (["the harness ended"], [], 0, "")
            process.join()
        while yielded < len(todo) and todo[yielded].name in done:
            yield todo[yielded], done.pop(todo[yielded].name)
            yielded += 1


def verdict(case, problems):
    """What counts against the case."""
    if case.must_see:
        seen = any(case.must_see in p for p in problems)
        return [] if seen else [f"the harness does not see '{case.must_see}': {problems}"]
    return problems


def main():
    options = arguments()
    todo = chosen(cases.load(), options.k, options.strace)
    if options.list:
        for case in todo:
            print(f"{case.name} ({case.way}): {case.sentence}")
        print(f"{len(todo)} cases")
        return 0
    if options.strace and not shutil.which("strace"):
        print("strace is missing", file=sys.stderr)
        return 5
    kerb = os.path.abspath(os.environ.get("KERB") or REPOSITORY / ".build/debug/kerb")
    if not os.access(kerb, os.X_OK):
        print(f"there is no {kerb}: build it, or name it with KERB=PATH", file=sys.stderr)
        return 5
    os.environ["KERB_RUNTIME"] = runtime(kerb)
    # Its name is short and fixed in length: paths in messages are the same length on every run.
    root = tempfile.mkdtemp(prefix="kerb-hostile-")
    os.chmod(root, 0o755)
    if os.getuid() == 0:
        os.chown(root, NOBODY, NOBODY)
    passed = failed = 0
    left_out = []
    try:
        kerb = reachable(kerb, root)
        names = make_base(root, kerb)
        for case, (problems, lines, seconds, skipped) in run_all(todo, root, names, kerb, options):
            if skipped:
                left_out.append(f"SKIP {case.name}: {skipped}")
                continue
            against = verdict(case, problems)
            passed, failed = passed + (not against), failed + bool(against)
            print(
                f"{'FAIL' if against else 'PASS'} {case.name} ({seconds:.1f} s)"
                + (f": {case.sentence}" if against else "")
            )
            shown = list(dict.fromkeys(against))
            for problem in shown if options.v else shown[:6] + ["…"] * (len(shown) > 6):
                print(f"  ! {problem.replace(str(root) + '/', '')}")
            for line in lines if options.v else []:
                print(f"    {line.replace(str(root) + '/', '')}")
            sys.stdout.flush()
    finally:
        if options.keep:
            print(f"kept: {root}")
        else:
            good.remove(root)
    for line in left_out:
        print(line)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
