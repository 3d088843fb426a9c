"""Files of a store that lead to other repositories, or that are not what they should be."""

import os
import zlib

import good
from cases import CACHE, PULL_REQUEST, add, case
from objects import Objects, bare

STORE, TREE = ".kerb/upstream/demo.git", "src/2024.1/demo"
ELSEWHERE = "it leads git to another repository, and kerb makes none"
# Labels that read the store, and that write to it.
VERBS = "fetch check apply export"


def lock_private(w):
    w.lock(w.names["private"], w.names["private_tree"])


def plant_private(w, path, content):
    """A store that would have a private commit, which the lock names: its files would be exported."""
    w.write(f"{w.store()}/{path}", content)
    lock_private(w)
    w.refused(f"{STORE}/{path}: {ELSEWHERE}", labels=VERBS)


for name, ways, does, path, content in (
    (
        "alternates-private",
        [CACHE, PULL_REQUEST],
        "alternates that lead to a private clone",
        "objects/info/alternates",
        "{outside}/private.git/objects\n",
    ),
    (
        "alternates-relative",
        [CACHE],
        "alternates that lead out with `..`",
        "objects/info/alternates",
        "../../../../../outside/private.git/objects\n",
    ),
    (
        "alternates-loop",
        [CACHE],
        "alternates that lead to itself",
        "objects/info/alternates",
        "../objects\n" * 10_000,
    ),
    (
        "alternates-http",
        [CACHE],
        "alternates on a server",
        "objects/info/http-alternates",
        "http://127.0.0.1:9/objects\n",
    ),
    (
        "common-directory",
        [CACHE, PULL_REQUEST],
        "a file `commondir` that leads to a private clone",
        "commondir",
        "{outside}/private.git\n",
    ),
    ("git-directory", [CACHE], "a file `gitdir` that leads out", "gitdir", "{outside}/private.git\n"),
):
    add(
        name,
        ways,
        f"The store has {does}, and the lock names a commit that is there.",
        lambda w, path, content: plant_private(w, path, content.format(outside=w.outside)),
        path,
        content,
        is_tracked=True,
    )


@case(CACHE)
def alternates_chain(w):
    """Alternates lead to a store inside, whose alternates lead out."""
    bare(w.at(".kerb/upstream/other.git"))
    w.write(".kerb/upstream/other.git/objects/info/alternates", f"{w.outside}/private.git/objects\n")
    lock_private(w)
    w.refused(f".kerb/upstream/other.git/objects/info/alternates: {ELSEWHERE}", labels=VERBS)


@case(CACHE)
def log_elsewhere(w):
    """The log's repository has alternates and a file `commondir` that lead to a private clone."""
    log = ".kerb/journal/operations.git"
    for path, target in (("objects/info/alternates", "private.git/objects"), ("commondir", "private.git")):
        w.lived_in()
        w.write(f"{log}/{path}", f"{w.outside}/{target}\n")
        w.write(f"{log}/refs/kerb/operations", w.names["private"] + "\n")
        for label in ("check", "log", "undo", "report-html"):
            w.run(label, 5, f"{log}/{path}: {ELSEWHERE}")


@case(CACHE)
def store_is_a_git_file(w):
    """The store is a file `gitdir: …` that leads to a repository outside."""
    w.write(STORE, f"gitdir: {w.outside}/private.git\n")
    lock_private(w)
    w.then("fetch", 5, f"{STORE} is not usable")
    w.then("check export", 5, "not fetched")


@case(CACHE)
def store_head_outside(w):
    """HEAD and a branch of the store are symbolic references that leave `refs`."""
    for name in (
        "HEAD",
        "refs/heads/kerb/2024.1",
        "refs/kerb/upstream/2024.1",
        "refs/kerb/applied/kerb/2024.1",
    ):
        w.write(f"{STORE}/{name}", "ref: refs/../../../../../outside/precious\n")
    w.then("fetch-from fetch apply rebase check export status", 5, f"{STORE}/HEAD: it leads out of the repository")


@case(CACHE)
def store_reference_private(w):
    """A reference of the store is a symbolic one to a reference of a private clone: what that holds is not told."""
    w.write(
        f"{STORE}/refs/kerb/upstream/2024.1", "ref: refs/../../../../../outside/private.git/refs/heads/main\n"
    )
    w.never = [w.names["private"]]
    w.then("fetch-from rebase", 5, STORE)


@case(CACHE)
def store_references_loop(w):
    """Symbolic references of the store lead to each other."""
    w.write(f"{STORE}/refs/kerb/upstream/2024.1", "ref: refs/heads/kerb/2024.1\n")
    w.write(f"{STORE}/refs/heads/kerb/2024.1", "ref: refs/kerb/upstream/2024.1\n")
    w.then("fetch apply rebase", 5, "cannot resolve reference")
    w.then("check export status", 0)


@case(CACHE)
def store_branch_of_other(w):
    """kerb's branch is a symbolic reference to another branch, which would be moved."""
    Objects(w.at(STORE)).reference("refs/heads/mine", w.names["locked"])
    w.write(f"{STORE}/refs/heads/kerb/2024.1", "ref: refs/heads/mine\n")

    def look(w):
        if w.at(f"{STORE}/refs/heads/mine").read_text().strip() != w.names["locked"]:
            w.bad("another branch was moved through a symbolic reference")

    w.then("apply", 1, "branch kerb/2024.1 has commits that kerb did not make")
    w.then("fetch check export rebase undo", 0)
    w.after = [look]


@case(CACHE)
def store_packed_references(w):
    """packed-refs has names that leave it, a line of a megabyte, wrong ids and no end."""
    w.write(
        f"{STORE}/packed-refs",
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
    w.then("rebase", 5, "corrupted packed references file")
    w.then("fetch check apply export", 0)


@case(CACHE)
def store_references_many(w):
    """packed-refs has a hundred thousand names."""
    lines = "".join(f"{w.names['locked']} refs/heads/a{n:06d}\n" for n in range(100_000))
    w.write(f"{STORE}/packed-refs", "# pack-refs with: peeled fully-peeled sorted \n" + lines)
    w.then("fetch check apply", 0)


@case(CACHE)
def store_replaced(w):
    """refs/replace and grafts put another commit in the place of the locked one."""
    objects = Objects(w.at(STORE))
    blob = objects.blob(b"replaced\n")
    evil = objects.tree([("100644", b"README", blob), ("100644", b"evil", blob)])
    commit = objects.commit(evil)
    w.write(f"{STORE}/info/grafts", f"{w.names['locked']} {commit}\n")
    w.run("check", 5, f"{STORE}/info/grafts: {ELSEWHERE}")
    w.remove(f"{STORE}/info/grafts")
    objects.reference(f"refs/replace/{w.names['locked']}", commit)
    objects.reference(f"refs/replace/{w.names['tree']}", evil)
    w.remove("src")

    def look(w):
        if (w.ws / TREE / "evil").exists() or b"readme" not in (w.ws / TREE / "README").read_bytes():
            w.bad("a replaced tree was checked out")

    w.then("fetch check apply export rebase", 0)
    w.after = [look]


@case(CACHE)
def store_shallow(w):
    """`shallow` is garbage of two megabytes, and its lock is there."""
    w.write(f"{STORE}/shallow", b"z" * (2 << 20))
    w.write(f"{STORE}/shallow.lock", "x")
    w.then("rebase", 5, "bad shallow line")
    w.then("fetch fetch-from check apply", 0)


@case(CACHE)
def store_reflogs(w):
    """Reflogs of the store are links to a start-up file, which would get a line of the attacker's."""
    for name in ("HEAD", "refs/heads/kerb/2024.1", "refs/kerb/upstream/2024.1"):
        w.link(f"{STORE}/logs/{name}", w.root / "home/.profile")
    w.config("core.logAllRefUpdates", "always")
    w.refused(f"{STORE}/logs/", "a symbolic link, and kerb makes none there", labels="fetch apply rebase")


@case(CACHE)
def store_worktrees(w):
    """The work tree's files in the store lead to a repository and a folder outside."""
    folder = f"{STORE}/worktrees/kerb-2024.1"
    for name, content, says in (
        ("config.worktree", f"[core]\n\tworktree = {w.outside}/keys\n", "'core.worktree' is none of the settings"),
        ("commondir", f"{w.outside}/private.git\n", "it does not lead back to the repository"),
        ("objects/x", "x", "a work tree has none of its own"),
        ("config", "x", "a work tree has none of its own"),
        ("packed-refs", "x", "a work tree has none of its own"),
    ):
        kept = w.at(f"{folder}/{name}").read_bytes() if w.at(f"{folder}/{name}").exists() else None
        w.write(f"{folder}/{name}", content)
        w.run("check", 5, f"{folder}/{name.partition('/')[0]}", says)
        w.remove(f"{folder}/{name.partition('/')[0]}")
        if kept is not None:
            w.write(f"{folder}/{name}", kept)
    w.write(f"{folder}/gitdir", f"{w.outside}/keys/.git\n")
    head = w.at(f"{folder}/HEAD").read_bytes()
    w.write(f"{folder}/HEAD", "ref: refs/../../x\n")
    w.run("check", 5, f"{folder}/HEAD: it leads out of the repository")
    w.write(f"{folder}/HEAD", head)
    w.then("check export apply", 0)


@case(CACHE)
def store_worktrees_many(w):
    """A thousand work trees are noted in the store."""
    for number in range(1000):
        os.makedirs(w.at(f"{STORE}/worktrees/w{number}"))
    w.then("fetch check apply", 0)


@case(CACHE)
def store_index_files(w):
    """The pack's index, a commit graph and a multi-pack index are garbage; a file says that the pack was looked
    through."""
    for name in ("objects/info/commit-graph", "objects/pack/multi-pack-index", "objects/info/packs"):
        w.write(f"{STORE}/{name}", b"CGPH\x01\x01\xff\x00" + b"\xff" * 5000)
    w.run("check", 0)
    pack = "pack-" + "e" * 40
    w.write(f"{STORE}/objects/pack/{pack}.idx", b"\xfftOc\x00\x00\x00\x02" + b"\xff" * 2000)
    w.write(f"{STORE}/objects/pack/{pack}.pack", b"PACK\x00\x00\x00\x02\xff\xff\xff\xff" + b"\xff" * 100)
    w.add(f"{STORE}/kerb-judged", f"{pack}.idx 1-1-2008-1.1 1-1-112-1.1\n{pack}.idx\n")
    w.refused(f"{STORE}/objects/pack/{pack}.idx: it or its pack is damaged", labels=VERBS)


@case(CACHE)
def store_packs_endless(w):
    """Packs and their indexes of 3 GB without content, pipes among them."""
    w.fifo(f"{STORE}/objects/pack/pack-{'f' * 40}.idx")
    w.run("check", 5, "objects/pack/pack-ffff", "no regular file")
    w.remove(f"{STORE}/objects/pack/pack-{'f' * 40}.idx")
    w.hole(f"{STORE}/objects/pack/pack-{'e' * 40}.pack")
    w.hole(f"{STORE}/objects/pack/pack-{'e' * 40}.idx")
    w.refused("objects/pack/pack-eeee", "it or its pack is damaged", labels=VERBS)


LOOSE = "it is damaged, or an object over 134217728 bytes"


@case(CACHE)
def store_object_bomb(w):
    """A loose object of the locked tree says it is small and inflates to a quarter of a gigabyte."""
    squeeze = zlib.compressobj(6)
    data = squeeze.compress(b"tree 36\0") + b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(256))
    path = f"{STORE}/objects/{w.names['tree'][:2]}/{w.names['tree'][2:]}"
    w.write(path, data + squeeze.flush())
    w.refused(f"{path}: {LOOSE}", labels=VERBS)


@case(CACHE)
def store_object_size(w):
    """A loose object says that it has nine exabytes, is a pipe."""
    for name in (w.names["tree"], w.names["locked"]):
        path = f"{STORE}/objects/{name[:2]}/{name[2:]}"
        w.write(path, zlib.compress(b"tree 9223372036854775807\0x"))
        w.run("check", 5, f"{path}: {LOOSE}")
        w.run("fetch", 5, f"{path}: {LOOSE}")
        w.fifo(path)
        w.run("check", 5, f"{path}: no regular file")
        w.remove(path)


@case(CACHE)
def store_without_folders(w):
    """The store lacks its empty folders, as one that git has carried: it is made good."""
    w.remove(STORE)
    w.store()
    for name in ("objects/pack", "objects/info", "refs/tags", "info", "kerb-writes"):
        w.remove(f"{STORE}/{name}")
    w.remove("src")
    w.then("fetch-from check apply export fetch", 0)


@case(CACHE)
def store_is_a_file(w):
    """Files where folders belong."""
    for path, code, says in (
        ("src", 5, "src: it is no folder"),
        (".kerb/proofs", 5, ".kerb/proofs: it is no folder"),
        (".kerb/stopped", 5, ".kerb/stopped: it is no folder"),
        (".kerb/journal", 5, ".kerb/journal: it is no folder"),
        (".kerb/upstream", 5, ".kerb/upstream: it is no folder"),
        (STORE, 5, "not usable"),
    ):
        w.workspace("warm")
        w.write(path, "x")
        w.run("fetch-from", code, says)


# What people, or others, did in a work tree.


@case(CACHE)
def tree_git_file(w):
    """The work tree's `.git` leads to a private repository outside."""
    w.write(f"{TREE}/.git", f"gitdir: {w.outside}/private.git\n")
    w.then("apply refresh-dry", 1, "the folder holds something else")
    w.then("status export rebase undo", 0)


@case(CACHE)
def tree_git_folder(w):
    """The work tree's `.git` is a repository with hooks and a configuration that runs programs."""
    w.remove(f"{TREE}/.git")
    bare(
        w.at(f"{TREE}/.git"),
        f"[core]\n\tfsmonitor = {w.payload}\n\thooksPath = {w.root}\n\tsshCommand = {w.payload}\n",
    )
    w.write(f"{TREE}/.git/hooks/post-checkout", w.payload.read_bytes(), 0o755)
    w.then("apply refresh-dry", 1, "the folder holds something else")
    w.then("status export rebase undo", 0)


@case(CACHE)
def tree_files(w):
    """In the work tree links, pipes and folders stand where files were."""
    w.link(f"{TREE}/README", w.outside / "precious")
    w.fifo(f"{TREE}/demo/main.txt")
    w.write("patches/demo/one.patch", good.mail("demo: say zwanzig", good.change(new="zwanzig")))
    w.then("apply", 1, "have changes that would be overwritten: README, demo/main.txt")
    w.then("refresh", 1, "README: the link's target is absolute")
    w.then("status rebase undo check", 0)


@case(CACHE)
def tree_index(w):
    """The work tree's index is garbage that says it has four billion entries."""
    w.write(f"{STORE}/worktrees/kerb-2024.1/index", b"DIRC\x00\x00\x00\x02\xff\xff\xff\xff" + b"\x00" * 200)
    w.then("apply", 5, "invalid data in index")
    w.then("status", 0)
    w.then("rebase", 5, "the patches are written", "invalid data in index")
    w.then("undo check", 0)


@case(CACHE)
def tree_submodule(w):
    """The work tree has a repository inside, with configuration and hooks, and attributes with filters."""
    bare(w.at(f"{TREE}/demo/.git"), f"[core]\n\tfsmonitor = {w.payload}\n")
    w.write(
        f"{TREE}/.gitmodules",
        f'[submodule "demo"]\n\tpath = demo\n\turl = ext::{w.payload}\n\tupdate = !{w.payload}\n',
    )
    w.write(f"{TREE}/.gitattributes", "* filter=x diff=x\n")
    w.then("status apply refresh-dry rebase undo", 0)


@case(CACHE)
def kerb_folders_unreadable(w):
    """Parts of `.kerb` and `src` cannot be read or written."""
    for path, code, says in (
        (".kerb/journal", 5, ".kerb/journal: Permission denied"),
        (STORE, 5, f"{STORE}: Permission denied"),
        ("src/2024.1", 2, "src/2024.1/demo: Permission denied"),
    ):
        w.workspace("warm")
        w.at(path).chmod(0)
        w.run("apply", code, says)
