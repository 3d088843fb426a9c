"""The workspace's own git repository: what its index lists, and what stands in the place of `.git`."""

import hashlib
import os
import shutil
import struct
import subprocess

import good
from cases import ARTIFACT, PULL_REQUEST, SURROUNDINGS, case
from objects import bare

CI = [
    "fetch-from",
    "check",
    "apply",
    "export",
    "report-html",
    "lint",
    "status",
    "rebase",
    "undo",
    "series",
    "show",
    "log",
]


def git(w, *words, folder=None, **environment):
    return good.git(folder or w.pr, *words, home=w.root / "home", **environment)


@case(PULL_REQUEST)
def tracked_kerb_file(w):
    """`.kerb` is a tracked file."""
    w.write(".kerb", "x")
    w.refused(".kerb")


@case(PULL_REQUEST)
def tracked_source_file(w):
    """`src` is a tracked file."""
    w.write("src", "x")
    w.refused("src")


@case(PULL_REQUEST)
def tracked_kerb_case(w):
    """`.KERB/journal/committed` is tracked, which is `.kerb` where case does not count."""
    w.write(".KERB/journal/committed", "x")
    w.refused(".KERB")


@case(PULL_REQUEST)
def tracked_source_case(w):
    """`Src/2024.1/demo/.git` cannot be tracked, but `Src/2024.1/demo/x` can."""
    w.write("Src/2024.1/demo/x", "x")
    w.refused("Src")


@case(PULL_REQUEST)
def tracked_source(w):
    """A work tree is tracked below `src`, with what apply would make."""
    w.write("src/2024.1/demo/demo/main.txt", good.text(good.LINES))
    w.refused("src")


@case(PULL_REQUEST)
def tracked_proofs(w):
    """Results of proofs are tracked."""
    w.write(".kerb/proofs/2024.1-demo.json", '{"version": 1, "results": []}')
    w.refused(".kerb")


def gitlink(w, path):
    git(w, "add", "-A")
    git(w, "update-index", "--add", "--cacheinfo", f"160000,{w.names['locked']},{path}")
    git(w, "commit", "-qm", "pr")
    w.clone()


@case(PULL_REQUEST)
def gitlink_kerb(w):
    """A submodule at `.kerb`: a clone with submodules brings a whole repository there."""
    gitlink(w, ".kerb")
    w.refused(".kerb")


@case(PULL_REQUEST)
def gitlink_store(w):
    """A submodule at the store's place."""
    gitlink(w, ".kerb/upstream/demo.git")
    w.refused(".kerb")


@case(PULL_REQUEST)
def gitlink_tree(w):
    """A submodule at a work tree's place."""
    gitlink(w, "src/2024.1/demo")
    w.refused("src")


@case(PULL_REQUEST)
def gitlink_patches(w):
    """A submodule in the place of the patches: its folder is empty, the stack must not count as good."""
    git(w, "rm", "-rq", "patches")
    gitlink(w, "patches")
    w.verbs, w.exits = CI, {"check": {1, 2, 5}}


@case(PULL_REQUEST)
def index_skip_worktree(w):
    """A path below `.kerb` is in the index and not in the work tree."""
    w.write(".kerb/journal/committed", "x")
    w.publish()
    git(w, "update-index", "--skip-worktree", ".kerb/journal/committed", folder=w.ws)
    shutil.rmtree(w.ws / ".kerb")
    w.refused(".kerb")


@case(PULL_REQUEST)
def index_version_four(w):
    """The index, with a path below `.kerb`, is of version 4, which shortens names."""
    w.write(".kerb/upstream/x", "x")
    w.publish()
    git(w, "update-index", "--index-version", "4", folder=w.ws)
    w.refused(".kerb")


@case(PULL_REQUEST)
def index_split(w):
    """The index, with a path below `src`, is split in two files."""
    w.write("src/x", "x")
    w.publish()
    git(w, "-c", "splitIndex.maxPercentChange=100", "update-index", "--split-index", folder=w.ws)
    w.refused("src")


@case(PULL_REQUEST)
def index_sparse(w):
    """The index is sparse: `.kerb` is one entry for a folder."""
    w.write(".kerb/upstream/x", "x")
    w.publish()
    git(w, "sparse-checkout", "init", "--cone", "--sparse-index", folder=w.ws)
    git(w, "sparse-checkout", "set", "series", "patches", folder=w.ws)
    w.refused(".kerb")


@case(PULL_REQUEST)
def index_stages(w):
    """A path below `.kerb` is in the index with the stages of a conflict only."""
    w.publish()
    blob = git(w, "hash-object", "-w", "kerb.yaml", folder=w.ws).decode().strip()
    lines = "".join(f"100644 {blob} {stage}\t.kerb/journal/lock\n" for stage in (1, 2, 3))
    subprocess.run(
        ["git", "update-index", "--index-info"], input=lines.encode(), cwd=w.ws, check=True, env=w.environment
    )
    w.refused(".kerb")


@case(PULL_REQUEST)
def index_intent(w):
    """A path below `src` is in the index as one that is going to be added."""
    w.publish()
    w.site = w.ws
    w.write("src/2024.1/x", "x")
    git(w, "add", "-fN", "src/2024.1/x", folder=w.ws)
    w.refused("src")


@case(PULL_REQUEST)
def index_in_folder_above(w):
    """The workspace is a folder of the repository, and has a tracked `.kerb` there."""
    move_down(w)
    w.write("sub/.kerb/journal/committed", "x")
    w.publish()
    w.cwd = w.ws / "sub"
    w.refused(".kerb")


@case(PULL_REQUEST)
def index_of_neighbour(w):
    """The repository has `.kerb` and `src` of its own above the workspace: these are not the workspace's."""
    move_down(w)
    w.write("src/main.c", "int x;\n")
    w.write(".kerb/x", "x")
    w.publish()
    w.cwd = w.ws / "sub"
    w.every_exits = None
    w.every_words = []
    w.verbs = ["fetch-from", "check", "apply", "status"]
    w.exits = {verb: {0} for verb in w.verbs}
    w.is_tracked = lambda: False


def move_down(w):
    """Puts the workspace's files into a folder of the repository."""
    names = [n for n in os.listdir(w.pr) if n not in (".git", "sub")]
    w.folder("sub")
    for name in names:
        shutil.move(w.at(name), w.at("sub") / name)


@case(PULL_REQUEST)
def index_of_worktree(w):
    """The clone is a linked work tree: its index, with a path below `.kerb`, is elsewhere."""
    w.write(".kerb/x", "x")
    git(w, "add", "-Af", ".")
    git(w, "commit", "-qm", "pr")
    git(w, "worktree", "add", "-q", "--detach", str(w.ws))
    w.refused(".kerb")


@case(SURROUNDINGS)
def index_git_dir(w):
    """GIT_DIR and GIT_INDEX_FILE name another repository; the workspace's own index has `.kerb`."""
    w.write(".kerb/x", "x")
    git(w, "add", "-f", ".kerb/x", folder=w.ws)
    w.environment |= {
        "GIT_DIR": str(w.root / "other/.git"),
        "GIT_INDEX_FILE": str(w.root / "other/.git/index"),
        "GIT_WORK_TREE": str(w.root / "other"),
    }
    w.refused(".kerb")


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
    w.exits = {verb: {0} for verb in ("fetch-from", "check", "apply", "export")}


def index(w, data):
    w.write(".git/index", data)
    w.verbs = ["check", "status", "fetch-from", "apply", "lint"]


@case(ARTIFACT)
def index_garbage(w):
    """The workspace's index is garbage, says it has four billion entries, is of version 99, ends too soon."""
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
        index(w, data)
        for verb in ("check", "status"):
            w.run(verb)
    w.verbs = ["fetch-from"]


@case(ARTIFACT)
def index_pipe(w):
    """The workspace's index is a pipe."""
    w.fifo(".git/index")
    w.verbs = ["check", "status", "fetch-from"]


@case(ARTIFACT)
def index_hole(w):
    """The workspace's index has 3 GB."""
    w.hole(".git/index")
    w.verbs = ["check", "status", "fetch-from"]


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
    index(w, body + hashlib.sha1(body).digest())


@case(ARTIFACT)
def git_file(w):
    """`.git` is a file that leads to a private repository, to itself, to a pipe, far along."""
    w.remove(".git")
    os.mkfifo(w.root / "ws/pipe")
    for target in (
        f"gitdir: {w.outside}/private.git\n",
        "gitdir: .git\n",
        "gitdir: pipe\n",
        "gitdir: " + "x/" * 100_000 + "\n",
        "",
        "\x1b[31m",
    ):
        w.write(".git", target)
        for verb in ("check", "status", "fetch-from"):
            w.run(verb)
    w.verbs = ["apply", "rebase"]


@case(ARTIFACT)
def git_link(w):
    """`.git` is a link to a private repository."""
    w.remove(".git")
    w.link(".git", w.outside / "private.git")
    w.verbs = CI


@case(ARTIFACT)
def git_pipe(w):
    """`.git` is a pipe."""
    w.remove(".git")
    w.fifo(".git")
    w.verbs = ["check", "status", "fetch-from", "apply"]


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
    w.verbs = ["fetch", "rebase-network", "fetch-from", *CI, "diff"]
    w.more = {
        "rebase-network": ["rebase", good.STACK, "--update"],
        "diff": ["diff", good.STACK, "--from", "HEAD"],
    }


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
    w.verbs = ["fetch", "rebase-network", "fetch-from", "check", "status", "apply"]
    w.more = {"rebase-network": ["rebase", good.STACK, "--update"]}


@case(PULL_REQUEST)
def embedded_in_patches(w):
    """Folders of the workspace are bare repositories."""
    for folder in ("patches", "series", "patches/demo"):
        embedded(w, folder)
    w.lock_unknown()
    w.verbs = ["fetch", "check", "status", "lint", "report", "apply"]


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
    w.verbs = ["fetch-from", "fetch", *CI]


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
    ):
        w.write(f"docs/{name}", "x")
        w.write(name, "x")
    with open(bytes(w.pr) + b"/\xff\xfe", "w") as file:
        file.write("x")
    w.exits = {"check": {0}}
