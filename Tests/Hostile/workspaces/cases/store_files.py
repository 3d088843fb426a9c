"""Files of a store that lead to other repositories, or that are not what they should be."""

import os
import zlib

import good
from cases import CACHE, PULL_REQUEST, case
from objects import Objects, bare

STORE, TREE = ".kerb/upstream/demo.git", "src/2024.1/demo"
CI = ["fetch", "check", "apply", "export", "report-html", "status", "rebase", "undo"]


def lock_private(w):
    w.lock(w.names["private"], w.names["private_tree"])


@case(CACHE, PULL_REQUEST)
def alternates_private(w):
    """Alternates lead to a private clone and the lock names its commit: its files would be exported."""
    w.write(f"{w.store()}/objects/info/alternates", f"{w.outside}/private.git/objects\n")
    lock_private(w)
    w.verbs = CI


@case(CACHE)
def alternates_relative(w):
    """Alternates lead out of the workspace with `..`."""
    w.write(f"{w.store()}/objects/info/alternates", "../../../../../outside/private.git/objects\n")
    lock_private(w)
    w.verbs = CI


@case(CACHE)
def alternates_chain(w):
    """Alternates lead to a store inside, whose alternates lead out."""
    bare(w.at(".kerb/upstream/other.git"))
    w.write(".kerb/upstream/other.git/objects/info/alternates", f"{w.outside}/private.git/objects\n")
    w.write(f"{w.store()}/objects/info/alternates", "../../other.git/objects\n")
    lock_private(w)
    w.verbs = CI


@case(CACHE)
def alternates_http(w):
    """http-alternates of a store, and alternates that are a pipe."""
    w.write(f"{w.store()}/objects/info/http-alternates", "http://127.0.0.1:9/objects\n")
    w.fifo(f"{STORE}/objects/info/alternates")
    w.verbs = CI


@case(CACHE)
def alternates_loop(w):
    """Alternates of the store lead to itself, ten thousand times."""
    w.write(f"{w.store()}/objects/info/alternates", "../objects\n" * 10_000 + f"{w.up}/objects\n")
    w.verbs = CI


@case(CACHE)
def alternates_log(w):
    """Alternates of the log's repository lead to a private clone."""
    w.start(["report", "--html", "page.html"])
    w.write(".kerb/journal/operations.git/objects/info/alternates", f"{w.outside}/private.git/objects\n")
    w.write(".kerb/journal/operations.git/refs/kerb/operations", w.names["private"] + "\n")
    w.verbs = ["check", "log", "undo", "report-html"]


@case(CACHE, PULL_REQUEST)
def common_directory(w):
    """A file `commondir` makes a repository outside the store's objects, references and configuration."""
    w.write(f"{w.store()}/commondir", f"{w.outside}/private.git\n")
    lock_private(w)
    w.verbs = CI


@case(CACHE)
def common_directory_log(w):
    """A file `commondir` in the log's repository leads outside."""
    w.start(["report", "--html", "page.html"])
    w.write(".kerb/journal/operations.git/commondir", f"{w.outside}/private.git\n")
    w.verbs = ["report-html", "rebase", "log", "undo"]


@case(CACHE)
def store_is_a_git_file(w):
    """The store is a file `gitdir: …` that leads to a repository outside."""
    w.store()
    w.write(STORE, f"gitdir: {w.outside}/private.git\n")
    lock_private(w)
    w.verbs = CI


@case(CACHE)
def store_head_outside(w):
    """HEAD and a branch of the store are symbolic references that leave `refs`."""
    w.store()
    for name in (
        "HEAD",
        "refs/heads/kerb/2024.1",
        "refs/kerb/upstream/2024.1",
        "refs/kerb/applied/kerb/2024.1",
    ):
        w.write(f"{STORE}/{name}", "ref: refs/../../../../../outside/precious\n")


@case(CACHE)
def store_references_loop(w):
    """Symbolic references of the store lead to each other."""
    w.store()
    w.write(f"{STORE}/refs/kerb/upstream/2024.1", "ref: refs/heads/kerb/2024.1\n")
    w.write(f"{STORE}/refs/heads/kerb/2024.1", "ref: refs/kerb/upstream/2024.1\n")
    w.verbs = CI


@case(CACHE)
def store_branch_of_other(w):
    """kerb's branch is a symbolic reference to another branch, which would be moved."""
    w.store()
    Objects(w.at(STORE)).reference("refs/heads/mine", w.names["locked"])
    w.write(f"{STORE}/refs/heads/kerb/2024.1", "ref: refs/heads/mine\n")

    def look(w):
        if w.at(f"{STORE}/refs/heads/mine").read_text().strip() != w.names["locked"]:
            w.bad("another branch was moved through a symbolic reference")

    w.verbs, w.after = CI, [look]


@case(CACHE)
def store_packed_references(w):
    """packed-refs has names that leave it, a line of a megabyte, wrong ids and no end."""
    w.write(
        f"{w.store()}/packed-refs",
        b"# pack-refs with: peeled fully-peeled sorted \n"
        + f"{w.names['locked']} refs/../../../outside/precious\n".encode()
        + b"zz refs/heads/x\n^"
        + b"a" * 40
        + b"\n"
        + f"{w.names['locked']} refs/heads/\x1b[31m\n".encode()
        + w.names["locked"].encode()
        + b" refs/heads/"
        + b"x" * (1 << 20),
    )
    w.verbs = CI


@case(CACHE)
def store_references_many(w):
    """packed-refs has two hundred thousand names."""
    lines = "".join(f"{w.names['locked']} refs/heads/a{n:06d}\n" for n in range(200_000))
    w.write(f"{w.store()}/packed-refs", "# pack-refs with: peeled fully-peeled sorted \n" + lines)
    w.verbs = ["fetch", "check", "apply"]


@case(CACHE)
def store_replaced(w):
    """refs/replace and grafts put another commit in the place of the locked one."""
    objects = Objects(w.at(w.store()))
    blob = objects.blob(b"replaced\n")
    evil = objects.tree([("100644", b"README", blob), ("100644", b"evil", blob)])
    commit = objects.commit(evil)
    objects.reference(f"refs/replace/{w.names['locked']}", commit)
    objects.reference(f"refs/replace/{w.names['tree']}", evil)
    w.write(f"{STORE}/info/grafts", f"{w.names['locked']} {commit}\n")

    def look(w):
        if (w.ws / TREE / "evil").exists():
            w.bad("a replaced tree was checked out")

    w.verbs, w.after = CI, [look]


@case(CACHE)
def store_shallow(w):
    """`shallow` is garbage of two megabytes, and its lock is there."""
    w.write(f"{w.store()}/shallow", b"z" * (2 << 20))
    w.write(f"{STORE}/shallow.lock", "x")
    w.verbs = CI + ["fetch-from"]


@case(CACHE)
def store_reflogs(w):
    """Reflogs of the store are links to a start-up file, which would get a line of the attacker's."""
    for name in (
        "HEAD",
        "refs/heads/kerb/2024.1",
        "refs/kerb/upstream/2024.1",
        "refs/kerb/applied/kerb/2024.1",
    ):
        w.link(f"{w.store()}/logs/{name}", w.root / "home/.profile")
    w.config("core.logAllRefUpdates", "always")
    w.config("user.name", f"$({w.payload})")
    w.config("user.email", "x")
    w.write("patches/demo/one.patch", good.mail("demo: say zwanzig", good.change(new="zwanzig")))
    w.verbs = ["fetch", "apply", "rebase", "export", "undo"]


@case(CACHE)
def store_worktrees(w):
    """The work tree's files in the store lead to a repository and a folder outside."""
    folder = f"{w.store()}/worktrees/kerb-2024.1"
    w.write(f"{folder}/commondir", f"{w.outside}/private.git\n")
    w.write(f"{folder}/gitdir", f"{w.outside}/keys/.git\n")
    w.write(f"{folder}/HEAD", "ref: refs/../../x\n")
    w.write(f"{folder}/config.worktree", f"[core]\n\tworktree = {w.outside}/keys\n")
    w.verbs = CI


@case(CACHE)
def store_worktrees_many(w):
    """Two thousand work trees are noted in the store."""
    w.store()
    for number in range(2000):
        os.makedirs(w.at(f"{STORE}/worktrees/w{number}"))
    w.verbs = ["fetch", "check", "apply"]


@case(CACHE)
def store_index_files(w):
    """The pack's index, a commit graph and a multi-pack index are garbage."""
    for name in ("objects/info/commit-graph", "objects/pack/multi-pack-index", "objects/info/packs"):
        w.write(f"{w.store()}/{name}", b"CGPH\x01\x01\xff\x00" + b"\xff" * 5000)
    pack = "objects/pack/pack-" + "e" * 40
    w.write(f"{STORE}/{pack}.idx", b"\xfftOc\x00\x00\x00\x02" + b"\xff" * 2000)
    w.write(f"{STORE}/{pack}.pack", b"PACK\x00\x00\x00\x02\xff\xff\xff\xff" + b"\xff" * 100)
    w.verbs = CI


@case(CACHE)
def store_packs_endless(w):
    """Packs and their indexes of 3 GB without content, pipes among them."""
    w.hole(f"{w.store()}/objects/pack/pack-{'e' * 40}.pack")
    w.hole(f"{STORE}/objects/pack/pack-{'e' * 40}.idx")
    w.fifo(f"{STORE}/objects/pack/pack-{'f' * 40}.idx")
    w.verbs = CI


@case(CACHE)
def store_object_bomb(w):
    """A loose object of the locked tree says it is small and inflates to a gigabyte."""
    path = f"{w.store()}/objects/{w.names['tree'][:2]}/{w.names['tree'][2:]}"
    squeeze = zlib.compressobj(9)
    data = squeeze.compress(b"tree 36\0")
    for _ in range(1024):
        data += squeeze.compress(bytes(1 << 20))
    w.write(path, data + squeeze.flush())
    w.verbs = ["check", "apply", "export", "fetch"]


@case(CACHE)
def store_object_size(w):
    """A loose object says that it has nine exabytes."""
    for name in (w.names["tree"], w.names["locked"]):
        w.write(f"{w.store()}/objects/{name[:2]}/{name[2:]}", zlib.compress(b"tree 9223372036854775807\0x"))
    w.verbs = CI


@case(CACHE)
def store_object_pipes(w):
    """The locked commit and its tree are pipes among the loose objects."""
    w.store()
    for name in (w.names["tree"], w.names["locked"]):
        w.fifo(f"{STORE}/objects/{name[:2]}/{name[2:]}")
    w.verbs = CI


@case(CACHE)
def store_without_folders(w):
    """The store lacks its empty folders, as one that git has carried: it is made good or named."""
    w.store()
    for name in ("objects/pack", "objects/info", "refs/tags", "info", "kerb-writes"):
        w.remove(f"{STORE}/{name}")
    w.verbs = ["fetch-from", "check", "apply", "export", "fetch"]


@case(CACHE)
def store_is_a_file(w):
    """Files where folders belong: the store, its objects, `src`."""
    w.write(".kerb/upstream/demo.git", "x")
    w.write(".kerb/proofs", "x")
    w.write(".kerb/stopped", "x")
    w.write("src", "x")


@case(CACHE)
def tree_git_file(w):
    """The work tree's `.git` leads to a private repository outside."""
    w.write(f"{TREE}/.git", f"gitdir: {w.outside}/private.git\n")
    w.verbs = ["status", "apply", "refresh", "export", "rebase", "undo", "abort"]
    w.more = {"refresh": ["refresh", good.STACK, "--dry-run"]}


@case(CACHE)
def tree_git_folder(w):
    """The work tree's `.git` is a repository with hooks and a configuration that runs programs."""
    w.remove(f"{TREE}/.git")
    bare(
        w.at(f"{TREE}/.git"),
        f"[core]\n\tfsmonitor = {w.payload}\n\thooksPath = {w.root}\n\tsshCommand = {w.payload}\n",
    )
    w.write(f"{TREE}/.git/hooks/post-checkout", w.payload.read_bytes(), 0o755)
    w.verbs = ["status", "apply", "refresh", "export", "rebase", "undo"]
    w.more = {"refresh": ["refresh", good.STACK, "--dry-run"]}


@case(CACHE)
def tree_files(w):
    """In the work tree links, pipes and folders stand where files were."""
    w.link(f"{TREE}/README", w.outside / "precious")
    w.fifo(f"{TREE}/demo/main.txt")
    w.write("patches/demo/one.patch", good.mail("demo: say zwanzig", good.change(new="zwanzig")))
    w.verbs = ["status", "apply", "refresh", "rebase", "undo", "check"]
    w.more = {"refresh": ["refresh", good.STACK]}
    w.exits = {"check": {0}}


@case(CACHE)
def tree_index(w):
    """The work tree's index is garbage that says it has four billion entries."""
    w.write(
        f"{w.store()}/worktrees/kerb-2024.1/index", b"DIRC\x00\x00\x00\x02\xff\xff\xff\xff" + b"\x00" * 200
    )
    w.verbs = ["status", "apply", "rebase", "undo", "check"]


@case(CACHE)
def tree_submodule(w):
    """The work tree has a repository inside, with configuration and hooks."""
    bare(w.at(f"{TREE}/demo/.git"), f"[core]\n\tfsmonitor = {w.payload}\n")
    w.write(
        f"{TREE}/.gitmodules",
        f'[submodule "demo"]\n\tpath = demo\n\turl = ext::{w.payload}\n\tupdate = !{w.payload}\n',
    )
    w.write(f"{TREE}/.gitattributes", "* filter=x diff=x\n")
    w.verbs = ["status", "apply", "refresh", "rebase", "undo"]
    w.more = {"refresh": ["refresh", good.STACK, "--dry-run"]}


@case(CACHE)
def kerb_folders_unreadable(w):
    """Parts of `.kerb` and `src` cannot be read or written."""
    for path in (".kerb/journal", STORE, "src/2024.1"):
        w.at(path).chmod(0)
