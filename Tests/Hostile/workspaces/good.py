"""What every case begins with: an upstream, a good workspace, and surroundings that are nobody's to touch."""

import os
import pathlib
import subprocess

from objects import ZERO, bare, name_of

SECRETS = {"file": "SECRET-4711-file", "private": "SECRET-4711-private", "key": "SECRET-4711-key"}
PROJECT, RELEASE = "demo", "2024.1"
STACK = f"{RELEASE}/{PROJECT}"

CONFIGURATION = """version: 1
releases: ["2024.1"]
projects:
  demo:
    git: https://127.0.0.1:9/demo
"""
LINES = [str(n) for n in range(1, 41)]
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LC_ALL": "C.UTF-8",
    "CI": "true",
    "GIT_CONFIG_NOSYSTEM": "1",
    "SOURCE_DATE_EPOCH": "1700000000",
    "PIP_RETRIES": "0",
    "PIP_NO_CACHE_DIR": "1",
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PYTHONDONTWRITEBYTECODE": "1",
    "GIT_AUTHOR_DATE": "1700000000 +0000",
    "GIT_COMMITTER_DATE": "1700000000 +0000",
}


def text(lines):
    return ("\n".join(lines) + "\n").encode()


def mail(subject, diff):
    """A patch in canonical form with a message that lint likes."""
    return (
        f"From {ZERO} Mon Sep 17 00:00:00 2001\nFrom: a <a@x>\n"
        f"Date: Tue, 14 Nov 2023 22:13:20 +0000\nSubject: [PATCH] {subject}\n\n"
        "Words are easier to read than numbers.\n\nUpstream: never, because it is ours\n\n"
    ).encode() + (diff if isinstance(diff, bytes) else diff.encode())


def change(old="20", new="twenty"):
    """The diff of one line of demo/main.txt."""
    at = LINES.index(old)
    after = LINES[:at] + [new] + LINES[at + 1 :]
    names = name_of("blob", text(LINES)), name_of("blob", text(after))
    hunk = [" " + l for l in LINES[at - 3 : at]] + [f"-{old}", f"+{new}"]
    hunk += [" " + l for l in LINES[at + 1 : at + 4]]
    return (
        f"diff --git a/demo/main.txt b/demo/main.txt\nindex {names[0]}..{names[1]} 100644\n"
        f"--- a/demo/main.txt\n+++ b/demo/main.txt\n@@ -{at - 2},7 +{at - 2},7 @@\n" + "\n".join(hunk) + "\n"
    )


def addition(path, content="evil\n", mode="100644"):
    """The diff of a new file."""
    lines = content.splitlines()
    blob = name_of("blob", content.encode())
    return (
        f"diff --git a/{path} b/{path}\nnew file mode {mode}\nindex {ZERO}..{blob}\n"
        f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1{'' if len(lines) == 1 else f',{len(lines)}'} @@\n"
        + "".join(f"+{l}\n" for l in lines)
    )


def upstream(folder, keep=False):
    """The locked commit, one that moves its lines (the branch's end), one that conflicts.

    Returns their names, and the tree of the locked one.
    """
    git = bare(folder, keep=keep)
    readme = git.blob(b"readme\n")

    def tree(lines):
        inner = git.tree([("100644", b"main.txt", git.blob(text(lines)))])
        return git.tree([("100644", b"README", readme), ("40000", b"demo", inner)])

    first = tree(LINES)
    locked = git.commit(first)
    moved = git.commit(tree(["zero", "more"] + LINES), [locked])
    conflicting = git.commit(tree(LINES[:19] + ["XX"] + LINES[20:]), [locked])
    git.reference("refs/heads/stable/2024.1", moved)
    git.reference("refs/heads/conflicting", conflicting)
    git.reference("refs/heads/main", locked)
    return {"locked": locked, "tree": first, "moved": moved, "conflicting": conflicting}


def lock_line(names, source="git:stable/2024.1", digest=""):
    return f"2024.1 demo {source} {names['locked']} {names['tree']}{digest}\n"


def git(folder, *words, home, **environment):
    """Runs git as somebody who makes a pull request."""
    variables = ENVIRONMENT | {"HOME": str(home), "GIT_ALLOW_PROTOCOL": "file"} | environment
    done = subprocess.run(
        [
            "git",
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@x",
            "-c",
            "init.defaultBranch=main",
            "-c",
            "gc.auto=0",
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.hooksPath=/dev/null",
            *words,
        ],
        cwd=folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        raise RuntimeError(
            f"git {' '.join(map(os.fsdecode, words))}: {done.stdout.decode('utf-8', 'replace')}"
        )
    return done.stdout


def make(base):
    """Makes in an empty folder what cases copy."""
    base = pathlib.Path(base)
    for name in ("home/.ssh", "outside/keys", "tmp", "log", "pr"):
        (base / name).mkdir(parents=True)
    names = upstream(base / "up.git")
    upstream(base / "store.git", keep=True)
    (base / "store.git" / "shallow").write_text(names["locked"] + "\n")
    (base / "outside/precious").write_text("precious\n")
    (base / "outside/secret").write_text(SECRETS["file"] + "\n")
    (base / "outside/keys/id_ed25519").write_text(SECRETS["key"] + "\n")
    (base / "outside/keys/notes.txt").write_text("notes\n")
    (base / "home/.ssh/id_ed25519").write_text(SECRETS["key"] + "\n")
    (base / "home/.profile").write_text("# mine\n")
    private = base / "outside/private.git"
    objects = bare(private, keep=False)
    inner = objects.tree([("100644", b"main.txt", objects.blob(text(LINES)))])
    tree = objects.tree(
        [("100644", b"key", objects.blob(SECRETS["private"].encode() + b"\n")), ("40000", b"demo", inner)]
    )
    names["private"], names["private_tree"] = objects.commit(tree), tree
    objects.reference("refs/heads/main", names["private"])
    workspace(base / "pr", names)
    git(base / "pr", "init", "-q", home=base / "home")
    git(base / "pr", "add", "-A", home=base / "home")
    git(base / "pr", "commit", "-qm", "good", home=base / "home")
    for name in ("hooks", "info", "description", "branches", "COMMIT_EDITMSG"):
        subprocess.run(["rm", "-rf", base / "pr/.git" / name], check=True)
    for name in ("other", "ws"):
        git(base, "clone", "-q", "--template=", "pr", name, home=base / "home")
    return names


def workspace(folder, names):
    """The files of the good workspace."""
    folder = pathlib.Path(folder)
    (folder / "patches/demo").mkdir(parents=True)
    (folder / "series").mkdir()
    (folder / "kerb.yaml").write_text(CONFIGURATION)
    (folder / "patches/demo/one.patch").write_bytes(mail("demo: say twenty", change()))
    (folder / "series/2024.1").write_text("demo/one.patch\n")
    (folder / "series/upstream.lock").write_text(lock_line(names))
    (folder / ".gitignore").write_text("/.kerb/\n/src/\n/images/\n/dist/\n/page.html\n")
