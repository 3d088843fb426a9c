"""Holds docs/security.md against what the verbs do: which programs each starts, and which files outside of the
workspace and of the system's libraries it opens.

    KERB=path verbs.py            # compares, exit code 1 where the page says something else
    KERB=path verbs.py --write    # writes the table into the page

Every verb does its work once in a good workspace, under strace, as somebody without rights where it was started
by root.
"""

import multiprocessing
import os
import pathlib
import re
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cases
import good
import run as runner
import straced
from world import Limits, World

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs/security.md"
BEGIN, END = "<!-- verbs: made by Tests/Hostile/workspaces/verbs.py -->", "<!-- end of verbs -->"

# The verbs in an order in which each has something to do, and what is done between.
STEPS = [
    ("fetch", ["--from", "{up}"]),
    ("check", []),
    ("check --format sarif --summary FILE", ["--format", "sarif", "--summary", "summary.md"]),
    ("status", []),
    ("series", [good.STACK]),
    ("show", [good.STACK, "one"]),
    ("files", [good.STACK]),
    ("header", [good.STACK, "one"]),
    ("graph", [good.STACK]),
    ("lint", []),
    ("landed", []),
    ("microversion", ["--all"]),
    ("diff", [good.STACK, good.STACK]),
    ("report", ["--html", "page.html"]),
    ("apply", [good.STACK]),
    ("annotate", [good.STACK, "demo/main.txt"]),
    ("refresh", [good.STACK]),
    ("export", [good.STACK, "-o", "dist"]),
    ("fmt", []),
    ("rename", [good.STACK, "one", "first"]),
    ("log", []),
    ("undo", []),
    ("redo", []),
    ("bisect", [good.STACK, "--good", "{locked}", "--bad", "{moved}", "--repo", "{up}"]),
    ("rebase --dry-run", [good.STACK, "--update", "--from", "{up}", "--dry-run"]),
    ("rebase", [good.STACK, "--update", "--from", "{up}"]),
    ("resolve", []),
    ("continue", []),
    ("skip", [good.STACK]),
    ("abort", []),
    ("exec", [good.STACK, "--", "/bin/true"]),
    ("replay", ["--repo", "{up}", "--onto", "{locked}", "--dry-run", "patches/demo/first.patch"]),
    ("completion", ["bash"]),
]


def replaced(word, world):
    return word.format(up=world.up, **world.names) if "{" in word else word


def observe(world):
    """For each verb the programs and the places outside, as the page names them."""
    rows = {}
    for label, words in STEPS:
        command = [label.split(" ")[0], *(replaced(w, world) for w in words)]
        result = world.start(command, traced=True)
        if result.code not in (0, 2) or result.hung:
            raise SystemExit(f"{label}: {result.code} {result.err.decode('utf-8', 'replace')[:400]}")
        programs, places = set(), set()
        for name, named, flags, _ in straced.events(world.root / "log/trace", str(world.ws)):
            for path in named:
                if name.startswith("exec"):
                    if path != str(world.kerb):
                        programs.add(os.path.basename(path))
                else:
                    places.add(place(os.path.realpath(path), world))
        rows[label] = (sorted(programs), sorted(places - {None}))
    return rows


def place(path, world):
    """What the page calls a path; None for the workspace, programs and libraries."""
    for folder, name in [(world.ws, None), (world.up, "the clone that it is given"), (world.root / "tmp", "TMPDIR")]:
        if straced.is_below(path, str(folder)):
            return name
    if path in {str(world.kerb), *straced.ON_THE_WAY} or straced.is_above(path, [str(world.ws)]):
        return None
    if any(straced.is_below(path, p) for p in world.runtime()):
        return None
    for known in ("/usr/", "/lib/", "/lib64/", "/bin/", "/opt/", "/dev/null", "/dev/urandom", "/sys/", "/proc/", "pipe:"):
        if path.startswith(known):
            return None
    if path.startswith("/etc/ld.so"):
        return None
    if straced.is_below(path, str(world.root / "home")):
        return "~/" + os.path.relpath(path, world.root / "home")
    return path


def table(rows):
    lines = ["| verb | programs | outside |", "| --- | --- | --- |"]
    grouped = {}
    for label, row in rows.items():
        grouped.setdefault((tuple(row[0]), tuple(row[1])), []).append(label)
    for (programs, places), labels in grouped.items():
        lines.append(
            f"| {', '.join(f'`{l}`' for l in labels)} | {', '.join(programs) or 'none'} "
            f"| {', '.join(places) or 'nothing'} |"
        )
    return "\n".join(lines)


def observed(root, kerb, names):
    """The rows, from a process without rights where this one has them."""
    here, there = multiprocessing.Pipe()

    def body():
        if os.getuid() == 0:
            runner.become_nobody()
        os.umask(0o022)
        sandbox = pathlib.Path(root) / "verbs"
        shutil.copytree(pathlib.Path(root) / "base", sandbox, symlinks=True)
        world = World(sandbox, names, kerb, Limits(slack=10), cases.ARTIFACT, True)
        world.ws.exists() or world.clone()
        there.send(observe(world))

    process = multiprocessing.get_context("fork").Process(target=body)
    process.start()
    there.close()
    try:
        return here.recv()
    except EOFError:
        raise SystemExit(1)
    finally:
        process.join()


def main():
    if not shutil.which("strace"):
        sys.exit("strace is missing")
    kerb = os.path.abspath(os.environ.get("KERB") or ROOT / ".build/debug/kerb")
    os.environ["KERB_RUNTIME"] = runner.runtime(kerb)
    root = tempfile.mkdtemp(prefix="kerb-verbs-")
    os.chmod(root, 0o755)
    if os.getuid() == 0:
        os.chown(root, runner.NOBODY, runner.NOBODY)
    try:
        kerb = runner.reachable(kerb, root)
        rows = observed(root, pathlib.Path(kerb), runner.make_base(root))
    finally:
        runner.clear(root)
    found = f"{BEGIN}\n{table(rows)}\n{END}"
    page = PAGE.read_text()
    told = re.search(re.escape(BEGIN) + ".*?" + re.escape(END), page, re.S)
    if "--write" in sys.argv:
        PAGE.write_text(page.replace(told[0], found))
    elif told[0] != found:
        print(f"docs/security.md says\n{told[0]}\nand kerb does\n{found}")
        sys.exit(1)
    print(f"{len(rows)} passed, 0 failed")


if __name__ == "__main__":
    main()
