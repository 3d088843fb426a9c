"""The workspace's own git repository: what its index lists, and what stands in the place of `.git`."""

import hashlib
import os
import shutil
import struct
import subprocess

import good
from cases import ARTIFACT, PULL_REQUEST, SURROUNDINGS, add, case
from objects import bare

CI = "check apply export report-html lint status rebase undo series show log"


def git(w, *words, folder=None, **environment):
    return good.git(folder or w.pr, *words, home=w.root / "home", **environment)


# Of these all verbs are tried; of the others a few.
TRACKED = [
    ("kerb-file", ".kerb", True),
    ("source-file", "src", False),
    ("kerb-case", ".KERB/journal/committed", False),
    ("source-case", "Src/2024.1/demo/x", False),
    ("source", "src/2024.1/demo/demo/main.txt", False),
    ("proofs", ".kerb/proofs/2024.1-demo.json", False),
    ("stopped", ".kerb/stopped/2024.1-demo.json", False),
    ("lock", ".kerb/journal/lock", False),
    ("unknown", ".kerb/x", False),
]


def tracked(w, path, all_verbs):
    w.write(path, "{}")
    w.all_verbs = all_verbs


for name, path, all_verbs in TRACKED:
    add(f"tracked-{name}", [PULL_REQUEST], f"{path} is tracked.", tracked, path, all_verbs, is_tracked=True)


def tracked_link_own(w, path, target):
    w.link(path, target)


for name, path, target in (
    ("kerb", ".kerb", "../outside/keys"),
    ("source", "src", "../outside/keys"),
    ("tree", "src/2024.1", "../../outside/keys"),
    ("journal", ".kerb/journal/lock", "../../../outside/precious"),
):
    add(
        f"tracked-link-{name}",
        [PULL_REQUEST],
        f"{path} is a tracked link that leads out.",
        tracked_link_own,
        path,
        target,
        is_tracked=True,
    )


@case(PULL_REQUEST)
def tracked_names_like_own(w):
    """Names that only look like kerb's own folders are anybody's."""
    for path in (
        ".kerbx/x",
        "kerb/x",
        "srcx/x",
        "sub/.kerb/x",
        "sub/src/x",
        ".kerb.d/x",
        "src.c",
        "docs/.kerb/journal/committed",
    ):
        w.write(path, "x")
    w.then("fetch-from check apply status", 0)


def gitlink(w, path):
    git(w, "add", "-A")
    git(w, "update-index", "--add", "--cacheinfo", f"160000,{w.names['locked']},{path}")
    w.check_out()


@case(PULL_REQUEST, is_tracked=True)
def gitlink_kerb(w):
    """A submodule at `.kerb`: a clone with submodules brings a whole repository there."""
    gitlink(w, ".kerb")


@case(PULL_REQUEST, is_tracked=True)
def gitlink_store(w):
    """A submodule at the store's place."""
    gitlink(w, ".kerb/upstream/demo.git")


@case(PULL_REQUEST, is_tracked=True)
def gitlink_tree(w):
    """A submodule at a work tree's place."""
    gitlink(w, "src/2024.1/demo")


@case(PULL_REQUEST)
def gitlink_patches(w):
    """A submodule in the place of the patches: its folder is empty, the stack must not count as good."""
    git(w, "rm", "-rq", "patches")
    gitlink(w, "patches")
    w.then("fetch-from", 0)
    w.then("check apply export show", 2, "patches/demo/one.patch: no such file")
    w.then("lint", 1, "patches/demo/one.patch: no such file")


@case(PULL_REQUEST, is_tracked=True)
def index_skip_worktree(w):
    """A path below `.kerb` is in the index and not in the work tree."""
    w.write(".kerb/journal/committed", "x")
    w.publish()
    git(w, "update-index", "--skip-worktree", ".kerb/journal/committed", folder=w.ws)
    shutil.rmtree(w.ws / ".kerb")


@case(PULL_REQUEST, is_tracked=True)
def index_version_four(w):
    """The index, with a path below `.kerb`, is of version 4, which shortens names."""
    w.write(".kerb/upstream/x", "x")
    w.publish()
    git(w, "update-index", "--index-version", "4", folder=w.ws)


@case(PULL_REQUEST, is_tracked=True)
def index_split(w):
    """The index, with a path below `src`, is split in two files."""
    w.write("src/x", "x")
    w.publish()
    git(w, "-c", "splitIndex.maxPercentChange=100", "update-index", "--split-index", folder=w.ws)


@case(PULL_REQUEST, is_tracked=True)
def index_sparse(w):
    """The index is sparse: `.kerb` is one entry for a folder."""
    w.write(".kerb/upstream/x", "x")
    w.publish()
    git(w, "sparse-checkout", "init", "--cone", "--sparse-index", folder=w.ws)
    git(w, "sparse-checkout", "set", "series", "patches", folder=w.ws)


@case(PULL_REQUEST, is_tracked=True)
def index_stages(w):
    """A path below `.kerb` is in the index with the stages of a conflict only."""
    w.publish()
    blob = git(w, "hash-object", "-w", "kerb.yaml", folder=w.ws).decode().strip()
    lines = "".join(f"100644 {blob} {stage}\t.kerb/journal/lock\n" for stage in (1, 2, 3))
    subprocess.run(
        ["git", "update-index", "--index-info"], input=lines.encode(), cwd=w.ws, check=True, env=w.environment
    )


@case(PULL_REQUEST, is_tracked=True)
def index_intent(w):
    """A path below `src` is in the index as one that is going to be added."""
    w.publish()
    w.site = w.ws
    w.write("src/2024.1/x", "x")
    git(w, "add", "-fN", "src/2024.1/x", folder=w.ws)


@case(PULL_REQUEST, is_tracked=True)
def index_in_folder_above(w):
    """The workspace is a folder of the repository, and has a tracked `.kerb` there."""
    move_down(w)
    w.write("sub/.kerb/journal/committed", "x")
    w.publish()
    w.cwd = w.ws / "sub"


@case(PULL_REQUEST)
def index_of_neighbour(w):
    """The repository has `.kerb` and `src` of its own above the workspace: these are not the workspace's."""
    move_down(w)
    w.write("src/main.c", "int x;\n")
    w.write(".kerb/x", "x")
    w.publish()
    w.cwd = w.ws / "sub"
    w.then("fetch-from check apply status", 0)


def move_down(w):
    """Puts the workspace's files into a folder of the repository."""
    names = [n for n in os.listdir(w.pr) if n not in (".git", "sub")]
    w.folder("sub")
    for name in names:
        shutil.move(w.at(name), w.at("sub") / name)


@case(PULL_REQUEST, is_tracked=True)
def index_of_worktree(w):
    """The clone is a linked work tree: its index, with a path below `.kerb`, is elsewhere."""
    w.write(".kerb/x", "x")
    git(w, "add", "-Af", ".")
    git(w, "commit", "-qm", "pr")
    git(w, "worktree", "add", "-q", "--detach", str(w.ws))
    w.may_read = [w.pr / ".git"]


@case(SURROUNDINGS)
def index_git_dir(w):
    """GIT_DIR and GIT_INDEX_FILE name another repository; the workspace's own index has `.kerb`."""
    w.write(".kerb/x", "x")
    git(w, "add", "-f", ".kerb/x", folder=w.ws)
    other = w.other()
    w.environment |= {
        "GIT_DIR": f"{other}/.git",
        "GIT_INDEX_FILE": f"{other}/.git/index",
        "GIT_WORK_TREE": str(other),
    }
    w.refused(".kerb/x: error: git tracks this path", code=2)


@case(SURROUNDINGS)
def git_dir_private(w):
    """GIT_DIR and its like lead to a private repository: nothing is written or read there."""
    private = str(w.outside / "private.git")
    w.environment |= {
        "GIT_DIR": private,
        "GIT_COMMON_DIR": private,
        "GIT_OBJECT_DIRECTORY": private + "/objects",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": private + "/objects",
        "GIT_NAMESPACE": "x",
        "GIT_WORK_TREE": str(w.outside / "keys"),
    }
    w.then(f"fetch-from {CI}", 0)


@case(ARTIFACT)
def index_garbage(w):
    """The workspace's index is garbage, says it has four billion entries, is of version 99, ends too soon, is a pipe,
    has 3 GB: nobody can say what is tracked, so nothing is done."""
    true = w.at(".git/index").read_bytes()
    for data in (
        b"",
        b"DIRC",
        b"\xff" * 1000,
        b"DIRC" + struct.pack(">II", 2, 0xFFFFFFFF) + b"\0" * 100,
        b"DIRC" + struct.pack(">II", 99, 1) + b"\0" * 100,
        true[:100],
        true[:-30],
        b"DIRC" + struct.pack(">II", 4, 1) + b"\0" * 62 + b"\xff" * 12,
        b"DIRC" + struct.pack(">II", 2, 1) + b"\0" * 60 + b"\xff\xff" + b"x" * 100,
    ):
        w.write(".git/index", data)
        w.run("check", 5, ".git/index: it is no index that kerb knows, so nobody can say what is tracked")
    w.run("fetch-from", 5, ".git/index: it is no index that kerb knows")
    w.fifo(".git/index")
    w.run("check", 5, ".git/index: not a regular file")
    w.hole(".git/index")
    w.refused(".git/index: 3221225472 bytes; 67108864 is the most")


@case(ARTIFACT)
def index_large(w):
    """The workspace's index has a hundred thousand files."""
    count = 100_000
    parts = [b"DIRC" + struct.pack(">II", 2, count)]
    for number in range(count):
        name = b"z%07d" % number
        entry = (
            b"\0" * 24
            + struct.pack(">I", 0o100644)
            + b"\0" * 12
            + b"\1" * 20
            + struct.pack(">H", len(name))
            + name
        )
        parts.append(entry + b"\0" * (8 - len(entry) % 8))
    body = b"".join(parts)
    w.write(".git/index", body + hashlib.sha1(body).digest())
    w.then("fetch-from check apply status", 0)


@case(ARTIFACT)
def git_file(w):
    """`.git` is a file that leads to a private repository, to itself, to a pipe, far along; a link; a pipe."""
    w.remove(".git")
    os.mkfifo(w.root / "ws/pipe")
    w.run("fetch-from", 0)
    for target in (f"gitdir: {w.outside}/private.git\n", "gitdir: .git\n", "gitdir: pipe\n", "", "\x1b[31m"):
        w.write(".git", target)
        w.run("check", 0)
    w.write(".git", "gitdir: " + "x/" * 100_000 + "\n")
    w.run("check", 5, ".git: 200009 bytes; 16384 is the most")
    for make in (w.fifo, lambda p: w.link(p, w.outside / "private.git")):
        w.remove(".git")
        make(".git")
        w.run("check", 0)
    w.then("apply export rebase undo", 0)


@case(ARTIFACT)
def git_configuration(w):
    """The workspace's own repository came as an artifact: its configuration and hooks would run programs."""
    for key, value in [
        ("core.fsmonitor", w.payload),
        ("core.hooksPath", w.root / "hooks"),
        ("core.sshCommand", w.payload),
        ("core.editor", w.payload),
        ("core.pager", w.payload),
        ("diff.external", w.payload),
        ("filter.x.clean", w.payload),
        ("filter.x.process", w.payload),
        ("include.path", w.outside / "secret"),
        ("core.worktree", w.outside),
        ("gpg.program", w.payload),
        ("commit.gpgSign", "true"),
        ("credential.helper", f"!{w.payload}"),
        ("url.ssh://127.0.0.1:9/.insteadOf", "https://127.0.0.1:9/"),
        ("core.gitProxy", w.payload),
        ("core.askPass", w.payload),
        ("protocol.ext.allow", "always"),
        ("core.alternateRefsCommand", w.payload),
    ]:
        w.config(key, value, ".git/config")
    w.write(".gitattributes", "* filter=x diff=x merge=x\n")
    for name in (
        "post-checkout",
        "post-index-change",
        "reference-transaction",
        "pre-auto-gc",
        "fsmonitor-watchman",
    ):
        w.write(f".git/hooks/{name}", w.payload.read_bytes(), 0o755)
    w.remove("series/upstream.lock")
    w.then("fetch rebase-network", 5, "git could not list the refs of https://127.0.0.1:9/demo")
    w.then(f"fetch-from {CI}", 0)
    w.then("diff", 0, command=["diff", good.STACK, "--from", "HEAD"])


def embedded(w, folder):
    """A folder that is a bare repository for git that is started in it."""
    objects = bare(
        w.at(folder) if folder else w.pr,
        f"[core]\n\tsshCommand = {w.payload}\n\tfsmonitor = {w.payload}\n\tgitProxy = {w.payload}\n"
        '[url "ssh://127.0.0.1:9/"]\n\tinsteadOf = https://127.0.0.1:9/\n',
    )
    return objects


@case(PULL_REQUEST)
def embedded_bare(w):
    """The workspace is a folder that is itself a bare repository: git that is started there takes its configuration."""
    move_down(w)
    embedded(w, "sub")
    w.remove("sub/series/upstream.lock")
    w.publish()
    w.cwd = w.ws / "sub"
    w.then("fetch rebase-network", 5, "git could not list the refs of https://127.0.0.1:9/demo")
    w.then("fetch-from check status apply", 0)


@case(PULL_REQUEST)
def embedded_in_patches(w):
    """Folders of the workspace are bare repositories."""
    for folder in ("patches", "series", "patches/demo"):
        embedded(w, folder)
    w.lock_unknown()
    w.then("fetch", 5, "git could not fetch stable/2024.1 from https://127.0.0.1:9/demo")
    w.then("check apply", 5, "not fetched")
    w.then("status report", 0)


@case(PULL_REQUEST)
def settings_in_tree(w):
    """The workspace has attributes with filters, submodules with commands, a mail map, settings of pip and Python."""
    w.write(".gitattributes", "* filter=x diff=x merge=x ident\n")
    w.write(
        ".gitmodules",
        f'[submodule "patches"]\n\tpath = sub\n\turl = ext::{w.payload}\n\tupdate = !{w.payload}\n',
    )
    w.write(".mailmap", "x <x@x> <a@x>\n")
    w.write(".gitconfig", f"[core]\n\tfsmonitor = {w.payload}\n")
    w.write("pip.conf", "[global]\nindex-url = http://127.0.0.1:9/evil\n")
    code = f"import os\nos.system('{w.payload}')\n"
    for name in (
        "sitecustomize",
        "usercustomize",
        "json",
        "urllib",
        "ssl",
        "hashlib",
        "os",
        "re",
        "pip",
        "tarfile",
        "site",
        "http",
    ):
        w.write(f"{name}.py", code)
    w.write("pip/__main__.py", code)
    for name in ("git", "python3", "ssh", "sh", "git-remote-https", "pip", "curl", "kerb"):
        w.write(name, w.payload.read_bytes(), 0o755)
    w.write("kerb.yaml", good.CONFIGURATION + '  other:\n    sdist: demo\n    versions: {"2024.1": 1.0}\n')
    w.then(f"fetch-from {CI}", 0)


@case(PULL_REQUEST)
def names_odd(w):
    """Files of the workspace have names that are no text, twins in normal form and case, line ends."""
    for name in (
        "\u00e9",
        "e\u0301",
        "Kerb.yaml",
        "KERB.YAML",
        "a\n::error::x",
        "\x1b[31m",
        "-x",
        "\u202e",
        "kerb.yaml ",
        " ",
        "\udcff\udcfe",
    ):
        w.write(f"docs/{name}", "x")
        w.write(name, "x")
    w.then(f"fetch-from {CI} fmt", 0)
