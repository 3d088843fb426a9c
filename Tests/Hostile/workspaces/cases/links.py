"""Links at every place that kerb reads or writes: what is behind them is somebody else's."""

import os

import good
from cases import ARTIFACT, CACHE, PULL_REQUEST, add, case

OPERATIONS, STORE, TREE = ".kerb/journal/operations.git", ".kerb/upstream/demo.git", "src/2024.1/demo"
FOLDERS = [
    ".kerb",
    ".kerb/journal",
    ".kerb/journal/state",
    OPERATIONS,
    f"{OPERATIONS}/objects",
    f"{OPERATIONS}/objects/pack",
    f"{OPERATIONS}/objects/info",
    f"{OPERATIONS}/refs",
    f"{OPERATIONS}/refs/kerb",
    f"{OPERATIONS}/kerb-writes",
    f"{OPERATIONS}/logs",
    ".kerb/upstream",
    STORE,
    f"{STORE}/objects",
    f"{STORE}/objects/pack",
    f"{STORE}/objects/info",
    f"{STORE}/objects/1c",
    f"{STORE}/refs",
    f"{STORE}/refs/kerb",
    f"{STORE}/refs/kerb/upstream",
    f"{STORE}/refs/heads",
    f"{STORE}/refs/heads/kerb",
    f"{STORE}/kerb-writes",
    f"{STORE}/worktrees",
    f"{STORE}/worktrees/kerb-2024.1",
    f"{STORE}/info",
    f"{STORE}/logs",
    f"{STORE}/hooks",
    ".kerb/upstream/incoming",
    ".kerb/upstream/archives",
    ".kerb/stopped",
    ".kerb/exec",
    ".kerb/proofs",
    ".kerb/resolved",
    "src",
    "src/2024.1",
    TREE,
    f"{TREE}/demo",
]
FILES = [
    ".kerb/journal/lock",
    ".kerb/journal/committed",
    ".kerb/journal/prepared",
    f"{OPERATIONS}/HEAD",
    f"{OPERATIONS}/config",
    f"{OPERATIONS}/packed-refs",
    f"{OPERATIONS}/refs/kerb/operations",
    f"{STORE}/HEAD",
    f"{STORE}/config",
    f"{STORE}/packed-refs",
    f"{STORE}/shallow",
    f"{STORE}/refs/kerb/upstream/2024.1",
    f"{STORE}/refs/heads/kerb/2024.1",
    f"{STORE}/info/exclude",
    f"{STORE}/info/attributes",
    f"{STORE}/info/grafts",
    f"{STORE}/objects/info/alternates",
    f"{STORE}/worktrees/kerb-2024.1/HEAD",
    f"{STORE}/worktrees/kerb-2024.1/index",
    f"{STORE}/worktrees/kerb-2024.1/gitdir",
    f"{STORE}/worktrees/kerb-2024.1/commondir",
    ".kerb/stopped/2024.1-demo.json",
    ".kerb/proofs/2024.1-demo.json",
    f"{TREE}/.git",
    f"{TREE}/README",
    f"{TREE}/demo/main.txt",
]
# Names under which files and folders are written first, or could be.
COMING = [
    f"{OPERATIONS}.new",
    f"{STORE}.new",
    f"{TREE}/.git.new",
    f"{STORE}/HEAD.lock",
    f"{STORE}/HEAD.new",
    f"{STORE}/config.lock",
    f"{STORE}/packed-refs.lock",
    f"{STORE}/packed-refs.new",
    f"{STORE}/shallow.lock",
    f"{STORE}/FETCH_HEAD",
    f"{STORE}/refs/kerb/upstream/2024.1.lock",
    f"{STORE}/refs/heads/kerb/2024.1.lock",
    f"{STORE}/worktrees/kerb-2024.1/index.lock",
    f"{STORE}/worktrees/kerb-2024.1/index.new",
    f"{STORE}/worktrees/kerb-2024.1/HEAD.lock",
    f"{STORE}/worktrees/kerb-2024.1/HEAD.new",
    ".kerb/journal/committed.new",
    ".kerb/journal/prepared.new",
    ".kerb/journal/lock.new",
    ".kerb-new-0",
    ".kerb-new-1",
    "series/.kerb-new-0",
    "series/.kerb-new-1",
    "patches/demo/.kerb-new-0",
    "patches/demo/.kerb-new-1",
    ".kerb/.kerb-new-0",
    ".kerb/journal/.kerb-new-0",
    ".kerb/resolved.new",
    ".kerb/proofs/2024.1-demo.json.new",
]

MAKES_NONE, NO_FOLDER = (
    "a symbolic link, and kerb makes none there",
    "it is no folder; kerb makes a folder there",
)
# Folders that have to be one themselves; and what is in a work tree, where links are upstream's.
OWN = [".kerb", "src", "src/2024.1", TREE]
OWN += [f".kerb/{name}" for name in ("journal", "upstream", "stopped", "proofs", "exec")]


def judged(path):
    """What is said of a link at this path; None where nothing below is kerb's alone."""
    if path in OWN:
        return NO_FOLDER
    closed = (".kerb/journal/", ".kerb/upstream/", ".kerb/stopped/", ".kerb/proofs/")
    return MAKES_NONE if path.startswith(closed) else None


def refused_link(w, path, is_folder):
    """Two verbs are refused, or all where the whole of `.kerb` is elsewhere."""
    w.workspace("stopped" if "stopped" in path else "lived")
    w.move_out(path, is_folder)
    w.all_verbs = path == ".kerb"
    w.refused(f"{path}: {judged(path)}", labels=None if w.all_verbs else "check undo")


def short(path):
    """The part of a case's name for a path."""
    path = path.replace(OPERATIONS, "log").replace(STORE, "store").replace(TREE, "tree")
    return path.replace(".kerb/", "").strip("./").replace("/", "-").replace(".", "-")


for paths, kind in ((FOLDERS, "folder"), (FILES, "file")):
    for path in filter(judged, paths):
        sentence = f"{path} is a link to a {kind} outside."
        add(f"link-{short(path)}", [CACHE], sentence, refused_link, path, kind == "folder")


@case(CACHE)
def link_resolved(w):
    """.kerb/resolved is a link to a folder outside: nothing is written there."""
    w.lived_in()
    w.conflict()
    w.move_out(".kerb/resolved")
    w.then("fetch-from apply", 0)
    w.then("rebase", 3)
    w.then("take", 2, "'.kerb/resolved' is a symbolic link")
    w.then("abort", 0)


@case(CACHE)
def links_in_tree(w):
    """Files and a folder of a work tree, and its `.git`, are links to files outside that are like them."""
    for path, is_folder, says in (
        (f"{TREE}/demo", True, "have changes that would be overwritten: demo/main.txt"),
        (f"{TREE}/demo/main.txt", False, "have changes that would be overwritten: demo/main.txt"),
        (f"{TREE}/README", False, "have changes that would be overwritten: README"),
        (f"{TREE}/.git", False, "the folder holds something else"),
    ):
        w.lived_in()
        good.remove(w.outside / "moved")
        w.move_out(path, is_folder)
        w.run("check", 0)
        w.run("apply", 1, says)
        w.run("rebase", 0)
        w.run("undo", 0)


@case(CACHE)
def links_coming(w):
    """Names under which files are written first are links to a file outside."""
    w.lived_in()
    for path in COMING:
        w.link(path, w.outside / "precious")
        if says := judged(path):
            w.run("check", 5, f"{path}: {says}")
            w.remove(path)
    # The others stay: files are written beside them.
    w.then("fetch-from check apply export report-html rebase undo redo", 0)


@case(CACHE)
def links_dangling(w):
    """Everything that may be missing is a link to a place outside where nothing is yet."""
    for path in FOLDERS + FILES + COMING:
        if os.path.lexists(w.at(path)) or not w.at(path).parent.is_dir():
            continue
        w.link(path, w.outside / "made")
        if says := judged(path):
            w.run("check", 5, f"{path}: {says}")
            w.remove(path)
    w.then("fetch-from check apply export report-html rebase undo redo", 0)


@case(ARTIFACT)
def links_dangling_fresh(w):
    """Nothing of kerb is there but dangling links at `.kerb` and `src`."""
    w.link(".kerb", w.outside / "made-kerb")
    w.link("src", w.outside / "made-src")
    w.refused(f".kerb: {NO_FOLDER}")


@case(ARTIFACT)
def links_loop(w):
    """`.kerb` and `src` are links to themselves, to the workspace and to the root."""
    w.link("src", ".")
    for target in (".kerb", ".", "/"):
        w.link(".kerb", target)
        w.run("check", 5, f".kerb: {NO_FOLDER}")
        w.run("fetch-from", 5, f".kerb: {NO_FOLDER}")
    w.remove(".kerb")
    w.refused(f"src: {NO_FOLDER}")


@case(CACHE)
def links_to_root(w):
    """The store and the work tree are links to `/` and to `/dev`."""
    for path, target, says in (
        (STORE, "/", MAKES_NONE),
        (TREE, "/dev", NO_FOLDER),
        (".kerb/stopped", "/proc/self/fd", NO_FOLDER),
    ):
        w.workspace("warm")
        w.link(path, target)
        w.run("check", 5, f"{path}: {says}")
        w.run("apply", 5, f"{path}: {says}")


@case(CACHE)
def marks_link(w):
    """The store's folder of marks is a link to a folder of keys, which kerb takes for marks to be removed."""
    for store in (STORE, OPERATIONS):
        w.lived_in()
        w.link(f"{store}/kerb-writes", w.outside / "keys")
        for label in ("check", "fetch-from", "undo"):
            w.run(label, 5, f"{store}/kerb-writes: {MAKES_NONE}")


@case(CACHE)
def marks_of_others(w):
    """Marks name locks outside and are pipes, links and large files."""
    folder = f"{STORE}/kerb-writes"
    for make, says in (
        (lambda p: w.link(p, w.outside / "precious"), MAKES_NONE),
        (w.fifo, "no regular file"),
        (w.hole, "67108864 is the most"),
    ):
        make(f"{folder}/1-3")
        w.run("check", 5, f"{folder}/1-3: ", says)
        w.remove(f"{folder}/1-3")
    w.write(f"{folder}/1-1", "- refs/../../../../outside/precious\n")
    w.write(f"{folder}/1-2", "- refs/heads/../../../../../../outside/keys/notes\n")
    w.then("check fetch-from apply rebase undo", 0)


@case(CACHE)
def packs_of_others(w):
    """The log's pack folder is a link to a repository with more than fifty packs, which would be gathered away."""
    packs = w.outside / "packs"
    packs.mkdir()
    w.lived_in()
    for number in range(60):
        for end in ("pack", "idx"):
            (packs / f"pack-{number:040d}.{end}").write_bytes(b"somebody's")
    for pack in w.at(f"{OPERATIONS}/objects/pack").iterdir():
        (packs / pack.name).write_bytes(pack.read_bytes())
    w.link(f"{OPERATIONS}/objects/pack", packs)
    w.refused(f"{OPERATIONS}/objects/pack: {MAKES_NONE}", labels="report-html fetch rebase undo log")


@case(CACHE)
def packs_of_nobody(w):
    """The log's pack folder has many names of packs that are no packs of kerb's."""
    w.lived_in()
    for number in range(120):
        for end in ("pack", "idx"):
            w.write(f"{OPERATIONS}/objects/pack/pack-{number:040d}.{end}", "x")
    w.refused(
        f"{OPERATIONS}/objects/pack/pack-{0:040d}.idx: it or its pack is damaged", labels="check rebase undo"
    )


# What git tracks: the workspace's own files.


SECRET_PATCH = good.mail("demo: say twenty", good.change(new=good.SECRETS["file"]))
NOT_FOLLOWED = "kerb follows none in a workspace. Put the file in its place [file-type]"
FOLDER = "is a symbolic link or no folder; kerb follows no links [file-type]"
PATCH = "series/2024.1:1: error: patches/demo/one.patch: "
# Where a link stands, what is behind it (none: what was there), what is said, and who needs no more than that.
TRACKED = [
    (
        "kerb-yaml",
        "kerb.yaml",
        good.CONFIGURATION.encode(),
        f"kerb.yaml: error: a symbolic link; {NOT_FOLLOWED}",
        2,
    ),
    ("series", "series", None, f"series/upstream.lock: error: series {FOLDER}", 2),
    (
        "series-file",
        "series/2024.1",
        b"demo/one.patch\n",
        f"series/2024.1: error: a symbolic link; {NOT_FOLLOWED}",
        1,
    ),
    (
        "series-file-secret",
        "series/2024.1",
        good.SECRETS["file"].encode() + b"\n",
        f"series/2024.1: error: a symbolic link; {NOT_FOLLOWED}",
        1,
    ),
    (
        "lock",
        "series/upstream.lock",
        None,
        f"series/upstream.lock: error: a symbolic link; {NOT_FOLLOWED}",
        2,
    ),
    (
        "lock-secret",
        "series/upstream.lock",
        good.SECRETS["file"].encode() + b" x y z\n",
        f"series/upstream.lock: error: a symbolic link; {NOT_FOLLOWED}",
        2,
    ),
    ("patches", "patches", None, f"{PATCH}patches {FOLDER}", 1),
    ("patches-project", "patches/demo", None, f"{PATCH}patches/demo {FOLDER}", 1),
    ("patch", "patches/demo/one.patch", SECRET_PATCH, f"{PATCH}a symbolic link; {NOT_FOLLOWED}", 1),
]


def tracked_link(w, path, content, says, lint):
    """A link instead of a file or folder; behind it is one that would do, with a secret in it."""
    place = w.outside / "lent"
    place.mkdir()
    if content is None:
        os.rename(w.at(path), place / "moved")
    else:
        (place / "moved").write_bytes(content)
    w.link(path, place / "moved")
    not_followed(w, says, lint)


def not_followed(w, says, lint=1, before="fetch-from"):
    """What reads the file says so, and the grid is shown without it."""
    w.then(before, 0 if says.startswith(PATCH) else 2)
    w.then("check apply export", 2, says)
    # What is there under a patch's name is refused where it stands, beside the series that names it.
    w.then("lint", lint, says.replace(PATCH + "a symbolic", "patches/demo/one.patch: error: a symbolic"))
    w.then("report-html", 0 if lint == 1 else 2)


for name, path, content, says, lint in TRACKED:
    sentence = f"{path} is a link to one outside that would do."
    add(f"tracked-link-{name}", [PULL_REQUEST], sentence, tracked_link, path, content, says, lint)


@case(PULL_REQUEST)
def tracked_link_series_elsewhere(w):
    """series/2024.1 is a link to nothing, to .git/config, to a device: the stack does not count as empty and good,
    and no word of it is quoted."""
    w.publish()
    w.site = w.ws
    w.never = ["repositoryformatversion", "[core]"]
    for target in ("../../outside/nothing", "../.git/config", "/dev/zero"):
        w.link("series/2024.1", target)
        for label in ("check", "apply", "series"):
            w.run(label, 2, f"series/2024.1: error: a symbolic link; {NOT_FOLLOWED}")


@case(PULL_REQUEST)
def tracked_link_patch_elsewhere(w):
    """A patch is a link to a place outside where nothing is, to git's own files, to a device: no verb makes it or
    reads it."""
    w.publish()
    w.site = w.ws
    w.never = ["refs/heads"]
    w.run("fetch-from", 0)
    for target in ("../../../outside/made.patch", "../../.git/HEAD", "/dev/urandom"):
        w.link("patches/demo/one.patch", target)
        for label in ("check", "export", "show", "refresh"):
            w.run(label, 2, f"{PATCH}a symbolic link; {NOT_FOLLOWED}")
        says = f"patches/demo/one.patch: error: a symbolic link; {NOT_FOLLOWED}"
        w.run("lint", 1, says)
        w.run("fmt-write", 2, says)


def formatted(w, path):
    """What is behind the link is not in canonical form: fmt neither reads nor writes it, and does not call it good."""
    patch = w.at("patches/demo/one.patch")
    patch.write_bytes(patch.read_bytes().replace(b"[PATCH] ", b""))
    w.move_out(path)
    w.then("fmt fmt-write", 2, f"{path}: error: a symbolic link; {NOT_FOLLOWED}")


for path in ("patches", "patches/demo", "patches/demo/one.patch"):
    add(
        f"tracked-link-formatted-{short(path)}",
        [PULL_REQUEST],
        f"{path} is a link, and fmt is run.",
        formatted,
        path,
    )


@case(PULL_REQUEST)
def tracked_link_release(w):
    """A second release's series is a link that leads out by way of a folder."""
    w.write("kerb.yaml", good.CONFIGURATION.replace('["2024.1"]', '["2023.1", "2024.1"]'))
    w.link("series/2023.1", "../patches/way/secret")
    w.link("patches/way", "../../outside")
    says = f"series/2023.1: error: a symbolic link; {NOT_FOLLOWED}"
    w.then("fetch-from check", 2, says)
    w.then("fmt", 2, f"patches/way: error: a symbolic link; {NOT_FOLLOWED}")
    w.then("lint", 1, says)
    w.then("series show", 0)


@case(PULL_REQUEST)
def tracked_link_resolutions(w):
    """series/resolutions is a link to a folder outside; forgetting a resolution would remove a file there."""
    memory = w.outside / "memory/demo"
    memory.mkdir(parents=True)
    body = "".join(f"{word} 1\nx\n" for word in ("path", "ours", "base", "theirs", "resolution"))
    (memory / ("a" * 40)).write_text("kerb-resolution 1\n" + body)
    w.link("series/resolutions", "../../outside/memory")
    w.conflict()
    w.then("fetch-from", 0)
    w.then("rebase", 3)
    w.then("remembered", 0)
    w.then("forget", 2, "'aaaa' names no remembered resolution", command=["resolve", "--forget", "aaaa"])
    w.then("abort", 0)
