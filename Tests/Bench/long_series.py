#!/usr/bin/env python3
"""Builds a long patch series to measure with.

    long_series.py OUT PATCHES [--from BARE_CLONE] [--tip REV] [--count N] [--seed S]

OUT becomes a bare repository with two branches: `base`, a root commit, and `linear`, N commits on
top of it in one line. PATCHES receives `git format-patch base..linear`, a file a commit, in the
form that `git am`, quilt and `kerb replay` all take.

With `--from`, the commits are the last N first-parent steps of that clone that change the tree: a
merge counts as one step, so the line is what upstream's main branch went through. OUT borrows the
clone's objects; keep the clone. Without it, the history is made up from the seed.

The same arguments give the same commits on every machine, and the same patches with every git
that finds the same differences.
"""

import argparse
import os
import random
import subprocess
import sys
from pathlib import Path

# What a user's or a machine's configuration says must change neither commits nor patches.
ENVIRONMENT = {
    **{k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "LC_ALL": "C.UTF-8",
}
FIRST_DATE = 1_500_000_000
AUTHOR = b"A U Thor <author@example.com>"


def git(repo, *arguments, stdin=None):
    """What git prints, as text without the last line end."""
    run = subprocess.run(
        ["git", "-C", str(repo), *arguments],
        input=stdin, stdout=subprocess.PIPE, check=True, env=ENVIRONMENT,
    )
    return run.stdout.decode(errors="surrogateescape").rstrip("\n")


def build(out, patches, source=None, tip="HEAD", count=999, seed=1):
    """Makes OUT and PATCHES; returns the patch files in order. A step that changes nothing is left
    out, so `source` may need more than `count` steps."""
    out, patches = Path(out), Path(patches)
    for folder in (out, patches):
        if folder.exists():
            raise SystemExit(f"{folder}: exists already; name a new folder or remove it first")
    subprocess.run(["git", "init", "-q", "--bare", str(out)], check=True, env=ENVIRONMENT)
    git(out, "config", "gc.auto", "0")
    if source is None:
        stream = synthetic(count, random.Random(seed))
    else:
        objects = Path(git(source, "rev-parse", "--absolute-git-dir")) / "objects"
        (out / "objects/info/alternates").write_text(f"{objects}\n")
        stream = first_parent_steps(source, tip, count)
    git(out, "fast-import", "--quiet", "--force", stdin=b"".join(stream))
    return format_patches(out, patches, count)


def format_patches(repo, patches, count):
    """Writes the newest `count` commits of `linear` as patch files, first to last."""
    git(repo, "-c", "core.quotePath=true", "format-patch", "-q", "-o", str(Path(patches).resolve()),
        "--zero-commit", "--full-index", "--no-signature", "--no-stat", "--binary", "-M",
        f"-{count}", "base..linear")
    return sorted(Path(patches).iterdir(), key=lambda file: int(file.name.split("-")[0]))


def first_parent_steps(source, tip, count):
    """The fast-import stream of the last `count` steps of `source`, whose trees exist already."""
    log = git(source, "log", "--first-parent", f"-{2 * count + 1}", "--format=%H %T %s", tip)
    steps = [line.split(" ", 2) for line in reversed(log.split("\n"))]
    chosen = [(tree, subject) for (_, before, _), (_, tree, subject) in zip(steps, steps[1:])
              if tree != before]
    if len(chosen) < count:
        raise SystemExit(f"{source}: only {len(chosen)} first-parent steps, {count} wanted")
    chosen = chosen[-count:]
    # The base is the tree before the first chosen step.
    position = len(steps) - 1
    wanted = count
    while wanted:
        wanted -= steps[position][1] != steps[position - 1][1]
        position -= 1
    yield commit("base", 1, None, "base", f"M 040000 {steps[position][1]} \n".encode())
    for number, (tree, subject) in enumerate(chosen, start=2):
        files = f"M 040000 {tree} \n".encode()
        yield commit("linear", number, number - 1, subject, files)


def synthetic(count, dice):
    """A made-up history: 300 text files of 40 to 2,000 lines in 20 folders. A commit edits 1 to 5
    files at 1 to 4 places; one in twenty adds a file, one in fifty removes or renames one."""
    words = [f"{a}{b}" for a in ("state", "host", "server", "port", "image", "volume", "node")
             for b in ("", "_id", "_name", "_list", "s", "_type", "_ref")]

    def line():
        text = "    " * dice.randint(0, 4) + " ".join(dice.choices(words, k=dice.randint(1, 9)))
        return f"{text}\n".encode() if dice.random() > 0.1 else b"\n"

    def new_file():
        return [line() for _ in range(int(40 * 50 ** dice.random()))]

    files = {f"part{n % 20:02}/module{n:03}.py": new_file() for n in range(300)}
    yield commit("base", 1, None, "base", b"".join(modify(p, t) for p, t in files.items()))
    for number in range(2, count + 2):
        changes = []
        for path in dice.sample(sorted(files), dice.randint(1, 5)):
            for _ in range(dice.randint(1, 4)):
                at = dice.randrange(len(files[path]) + 1)
                end = at + dice.randint(0, 3)
                files[path][at:end] = [line() for _ in range(dice.randint(1, 6))]
            changes.append(modify(path, files[path]))
        if dice.random() < 1 / 20:
            path = f"part{number % 20:02}/added{number}.py"
            files[path] = new_file()
            changes.append(modify(path, files[path]))
        if dice.random() < 1 / 50:
            old = dice.choice(sorted(files))
            text = files.pop(old)
            changes.append(f"D {old}\n".encode())
            if dice.random() < 0.5:
                new = old.replace(".py", f"_{number}.py")
                files[new] = text
                changes.append(modify(new, text))
        yield commit("linear", number, number - 1, f"change {number - 1}", b"".join(changes))


def modify(path, lines):
    text = b"".join(lines)
    return f"M 100644 inline {path}\ndata {len(text)}\n".encode() + text + b"\n"


def commit(branch, mark, parent, subject, files):
    message = subject.encode(errors="surrogateescape") + b"\n"
    when = FIRST_DATE + 60 * mark
    origin = f"from :{parent}\n".encode() if parent else b""
    return b"".join([
        f"commit refs/heads/{branch}\nmark :{mark}\n".encode(),
        b"author %s %d +0000\ncommitter %s %d +0000\n" % (AUTHOR, when, AUTHOR, when),
        b"data %d\n" % len(message), message, origin, files, b"\n",
    ])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("patches", type=Path)
    parser.add_argument("--from", dest="source", type=Path, help="a bare clone to take steps from")
    parser.add_argument("--tip", default="HEAD")
    parser.add_argument("--count", type=int, default=999)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    files = build(options.out, options.patches, options.source, options.tip, options.count,
                  options.seed)
    print(f"{len(files)} patches, {sum(file.stat().st_size for file in files):,} bytes")


if __name__ == "__main__":
    sys.exit(main())
