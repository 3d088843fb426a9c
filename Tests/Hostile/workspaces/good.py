"""What every case begins with: an upstream, a good workspace, and surroundings that are nobody's to touch."""

import os
import pathlib
import shutil
import subprocess

from objects import ZERO, Objects, bare, name_of

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


def environment(root):
    """What a command's environment has where it runs below a folder."""
    return ENVIRONMENT | {"HOME": str(root / "home"), "TMPDIR": str(root / "tmp")}


def copy(source, place):
    """Copies a folder, or what is in it where the place is there; links stay links."""
    source, place = (os.fsencode(p) for p in (source, place))
    words = ["cp", "-dR", "--preserve=mode,timestamps,links", "--reflink=auto"]
    subprocess.run([*words, source + b"/." if os.path.isdir(place) else source, place], check=True)


def remove(folder):
    """Removes a folder, also one with what cannot be read, or is very deep."""
    try:
        return shutil.rmtree(os.fsencode(folder))
    except (OSError, RecursionError):
        for words in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
            subprocess.run([*words, "--", os.fsencode(folder)], stderr=subprocess.DEVNULL)


def relocate(folder, before):
    """Makes the work trees of a copied workspace those of its place, as where a cache is put back."""
    for pattern in ("src/*/*/.git", ".kerb/upstream/*.git/worktrees/*/gitdir"):
        for file in pathlib.Path(folder).glob(pattern):
            file.write_text(file.read_text().replace(str(before), str(folder)))


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


def make(base, kerb):
    """Makes in an empty folder what cases copy: `around`, a pull request, a clone of it, and that clone after
    kerb has run in it (`warm`), has written pages (`lived`), stands still on a conflict (`stopped`)."""
    base = pathlib.Path(base)
    around, home = base / "around", base / "around/home"
    for name in ("home/.ssh", "outside/keys", "tmp", "log"):
        (around / name).mkdir(parents=True)
    names = upstream(around / "up.git")
    pack(around / "up.git", home)
    upstream(base / "store.git", keep=True)
    (base / "store.git" / "shallow").write_text(names["locked"] + "\n")
    (around / "outside/precious").write_text("precious\n")
    (around / "outside/secret").write_text(SECRETS["file"] + "\n")
    (around / "outside/keys/id_ed25519").write_text(SECRETS["key"] + "\n")
    (around / "outside/keys/notes.txt").write_text("notes\n")
    (home / ".ssh/id_ed25519").write_text(SECRETS["key"] + "\n")
    (home / ".profile").write_text("# mine\n")
    private(around / "outside/private.git", names)
    pack(around / "outside/private.git", home)
    workspace(base / "pr", names)
    git(base / "pr", "init", "-q", home=home)
    git(base / "pr", "add", "-A", home=home)
    git(base / "pr", "commit", "-qm", "good", home=home)
    for name in ("hooks", "info", "description", "branches", "COMMIT_EDITMSG"):
        subprocess.run(["rm", "-rf", base / "pr/.git" / name], check=True)
    pack(base / "pr", home)
    for name in ("other", "ws"):
        git(base, "clone", "-q", "--template=", "pr", name, home=home)
    live(base, names, kerb)
    return names


def pack(folder, home):
    """Puts objects into one file: there is less to copy, and to look at."""
    git(folder, "repack", "-adq", home=home)
    git(folder, "prune-packed", "-q", home=home)
    for name in ("info/refs", "objects/info/packs", "packed-refs.lock"):
        (folder / name).unlink(missing_ok=True)


def private(folder, names):
    """A repository of somebody else's, with a commit that would do."""
    objects = bare(folder, keep=False)
    inner = objects.tree([("100644", b"main.txt", objects.blob(text(LINES)))])
    tree = objects.tree(
        [("100644", b"key", objects.blob(SECRETS["private"].encode() + b"\n")), ("40000", b"demo", inner)]
    )
    names["private"], names["private_tree"] = objects.commit(tree), tree
    objects.reference("refs/heads/main", names["private"])


def live(base, names, kerb):
    """Lets kerb run in the clone, and keeps what it was like in between."""
    up, last = base / "around/up.git", "ws"
    for name, commands in {
        "warm": [["fetch", "--from", up], ["apply", STACK]],
        "lived": [["report", "--html", "page.html"]],
        "stopped": [["rebase", STACK, "--update", "--from", up]],
    }.items():
        copy(base / last, base / name)
        relocate(base / name, base / last)
        last = name
        branch = "conflicting" if name == "stopped" else "moved"
        Objects(up).reference("refs/heads/stable/2024.1", names[branch])
        for words in commands:
            done = subprocess.run(
                [kerb, *words], cwd=base / name, env=environment(base / "around"), capture_output=True
            )
            if done.returncode != (3 if name == "stopped" else 0):
                raise RuntimeError(f"kerb {words[0]}: {done.returncode}, {done.stderr.decode()}")
    Objects(up).reference("refs/heads/stable/2024.1", names["moved"])


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
