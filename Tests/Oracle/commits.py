"""Real commits of a clone, as patches: what the oracles feed to kerb.

Everything goes through a repository of our own that borrows the clone's objects. It has no
configuration, attributes, hooks or refs, so nothing about the clone or the machine changes a patch,
and neither git nor kerb can write into the clone.
"""

import os
import random
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT = {
    **{k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "LC_ALL": "C.UTF-8",
}
# What `--mode` names. `git format-patch` without options is between the two: `-M`.
RENAMES = {"MC": ["-M", "-C"], "plain": ["--no-renames"]}
FORM = ["--binary", "--full-index", "--no-textconv", "--no-ext-diff", "--src-prefix=a/",
        "--dst-prefix=b/"]


@dataclass(frozen=True)
class Commit:
    name: str
    parent: str
    tree: str


@dataclass(frozen=True)
class Change:
    """One line of `git diff-tree --raw`. For a rename or copy, `path` is the new name."""
    old_mode: str
    new_mode: str
    new_blob: str
    path: bytes


def git(repo, *arguments, stdin=None, environment=None, check=True):
    """Runs git in `repo`; the finished process, with bytes in `stdout` and `stderr`."""
    run = subprocess.run(
        ["git", "-C", str(repo), *arguments], input=stdin, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env={**ENVIRONMENT, **(environment or {})},
    )
    if check and run.returncode:
        message = run.stderr.decode(errors="replace")
        raise RuntimeError(f"git {' '.join(arguments[:3])} …: exit {run.returncode}: {message}")
    return run


def borrow(clone, at):
    """Makes the repository `at`, bare and empty, that reads the objects of `clone`."""
    at = Path(at)
    source = Path(git(clone, "rev-parse", "--path-format=absolute", "--git-common-dir")
                  .stdout.decode().rstrip("\n"))
    subprocess.run(["git", "init", "-q", "--bare", "--template=", str(at)], check=True,
                   env=ENVIRONMENT)
    (at / "objects/info").mkdir(exist_ok=True)
    (at / "objects/info/alternates").write_text(f"{source / 'objects'}\n")
    if (source / "shallow").exists():
        (at / "shallow").write_bytes((source / "shallow").read_bytes())
    return at


def tip(clone, revision="HEAD"):
    return git(clone, "rev-parse", "--verify", f"{revision}^{{commit}}").stdout.decode().strip()


def sample(repo, tip, count, seed):
    """`count` commits with one parent, spread evenly over the history of `tip`, newest first: one
    from each of `count` equal stretches, drawn with the seed. All of them when `count` is 0."""
    names = git(repo, "rev-list", "--no-merges", "--min-parents=1", tip).stdout.decode().split()
    if 0 < count < len(names):
        dice = random.Random(seed)
        edges = [i * len(names) // count for i in range(count + 1)]
        names = [names[dice.randrange(low, high)] for low, high in zip(edges, edges[1:])]
    log = git(repo, "log", "--no-walk=unsorted", "--stdin", "--format=%H %P %T",
              stdin="\n".join(names).encode())
    return [Commit(*line.split()) for line in log.stdout.decode().splitlines()]


def patches(repo, commits, mode):
    """The patch of each commit, as `git format-patch --zero-commit --full-index --no-signature
    --no-stat --binary` writes it, from one git process. None for a commit that changes nothing, and
    for one whose blobs are not all in the clone, as in a partial clone."""
    names = [commit.name.encode() for commit in commits]
    if not names:
        return []
    run = git(repo, "-c", "core.quotePath=true", "-c", "log.mailmap=false", "log",
              "--no-walk=unsorted", "--stdin", "--format=email", "-p", *FORM, *RENAMES[mode],
              stdin=b"\n".join(names), check=False)
    if run.returncode == 0:
        return [as_file(message) for message in cut(run.stdout, names)]
    if len(commits) > 1:
        half = len(commits) // 2
        return patches(repo, commits[:half], mode) + patches(repo, commits[half:], mode)
    print(f"left out {commits[0].name}: {run.stderr.decode(errors='replace').strip()}",
          file=sys.stderr)
    return [None]


def cut(stream, names):
    """Splits the output of `git log --format=email`, which has an empty line between two commits,
    where each commit's own `From` line is. The names are known, so no text inside a commit can be
    taken for one."""
    stream = b"\n" + stream
    starts, position = [], 0
    for name in names:
        position = stream.index(b"\nFrom " + name + b" Mon Sep 17 00:00:00 2001\n", position)
        starts.append(position)
    return [stream[start + 1:end] for start, end in zip(starts, starts[1:] + [len(stream)])]


def as_file(message):
    """The message with zeros for its commit's name; None when it shows no diff."""
    line, end, rest = message.partition(b"\n")
    name = line.split()[1]
    return line.replace(name, b"0" * len(name)) + end + rest if b"\ndiff --git " in rest else None


def changes(repo, commit):
    raw = git(repo, "diff-tree", "-r", "-z", "--no-renames", commit.parent, commit.name).stdout
    fields = raw.split(b"\0")
    return [Change(old_mode=head[1:7].decode(), new_mode=head[8:14].decode(),
                   new_blob=head.split()[3].decode(), path=path)
            for head, path in zip(fields[0::2], fields[1::2])]


def rewritten(repo, tree):
    """The tree as today's git writes it. It differs from `tree` where that has file modes from
    git's first year (100664) or entries out of order. Nothing is left in `repo`."""
    with tempfile.TemporaryDirectory(prefix="oracle-") as folder:
        private = private_objects(repo, folder)
        # Not read-tree: the index would remember the tree, and write-tree give it back.
        entries = git(repo, "ls-tree", "-r", "-z", tree).stdout
        git(repo, "update-index", "-z", "--index-info", stdin=entries, environment=private)
        return git(repo, "write-tree", "--missing-ok", environment=private).stdout.decode().strip()


def private_objects(repo, folder):
    """The environment in which git reads from `repo` and writes index and objects in `folder`."""
    objects = Path(folder) / "objects"
    objects.mkdir(exist_ok=True)
    return {"GIT_INDEX_FILE": str(Path(folder) / "index"), "GIT_OBJECT_DIRECTORY": str(objects),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(Path(repo).resolve() / "objects")}
