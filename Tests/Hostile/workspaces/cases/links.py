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
# Names under which files and folders are written first.
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

SOME = ["fetch-from", "apply", "report-html", "rebase", "undo"]


def moved_out(w, path, is_folder):
    is_state = "stopped" in path
    w.lived_in(stopped=is_state)
    w.move_out(path, is_folder)
    w.verbs = ["status", "check", "continue", "abort", "undo"] if is_state else SOME


def short(path):
    """The part of a case's name for a path."""
    path = path.replace(OPERATIONS, "log").replace(STORE, "store").replace(TREE, "tree")
    return path.replace(".kerb/", "").strip("./").replace("/", "-").replace(".", "-")


for path in FOLDERS:
    add(f"link-{short(path)}", [CACHE], f"{path} is a link to a folder outside.", moved_out, path, True)
for path in FILES:
    add(f"link-{short(path)}", [CACHE], f"{path} is a link to a file outside.", moved_out, path, False)


@case(CACHE)
def links_coming(w):
    """Names under which files are written first are links to a file outside."""
    w.lived_in()
    for path in COMING:
        if w.at(path).parent.is_dir():
            w.link(path, w.outside / "precious")


@case(CACHE)
def links_dangling(w):
    """Everything that may be missing is a link to a place outside where nothing is yet."""
    for path in FOLDERS + FILES + COMING:
        if not os.path.lexists(w.at(path)) and w.at(path).parent.is_dir():
            w.link(path, w.outside / "made")


@case(ARTIFACT)
def links_dangling_fresh(w):
    """Nothing of kerb is there but dangling links at `.kerb` and `src`."""
    w.link(".kerb", w.outside / "made-kerb")
    w.link("src", w.outside / "made-src")


@case(ARTIFACT)
def links_loop(w):
    """`.kerb` and `src` are links to themselves, to the workspace and to the root."""
    w.link(".kerb", ".kerb")
    w.link("src", ".")


@case(CACHE)
def links_to_root(w):
    """The store and the work tree are links to `/` and to `/dev`."""
    w.link(STORE, "/")
    w.link(TREE, "/dev")
    w.link(".kerb/stopped", "/proc/self/fd")


@case(CACHE)
def marks_link(w):
    """The store's folder of marks is a link to a folder of keys, which kerb takes for marks to be removed."""
    w.link(f"{STORE}/kerb-writes", w.outside / "keys")
    w.link(f"{OPERATIONS}/kerb-writes", w.outside / "keys")


@case(CACHE)
def marks_of_others(w):
    """Marks name locks outside and are pipes, links and large files."""
    folder = f"{STORE}/kerb-writes"
    w.write(f"{folder}/1-1", "- refs/../../../../outside/precious\n")
    w.write(f"{folder}/1-2", "- refs/heads/../../../../../../outside/keys/notes\n")
    w.link(f"{folder}/1-3", w.outside / "precious")
    w.fifo(f"{folder}/1-4")
    w.hole(f"{folder}/1-5")


@case(CACHE)
def packs_of_others(w):
    """The log's pack folder is a link to a repository with more than fifty packs, which would be gathered away."""
    packs = w.outside / "packs"
    packs.mkdir()
    w.start(["report", "--html", "page.html"])
    for number in range(60):
        for end in ("pack", "idx"):
            (packs / f"pack-{number:040d}.{end}").write_bytes(b"somebody's")
    for pack in w.at(f"{OPERATIONS}/objects/pack").iterdir():
        (packs / pack.name).write_bytes(pack.read_bytes())
    w.link(f"{OPERATIONS}/objects/pack", packs)
    w.verbs = ["report-html", "fetch", "rebase", "undo", "log"]


@case(CACHE)
def packs_of_nobody(w):
    """The log's pack folder has many names of packs that are no packs of kerb's."""
    w.start(["report", "--html", "page.html"])
    for number in range(120):
        w.write(f"{OPERATIONS}/objects/pack/pack-{number:040d}.pack", "x")
        w.write(f"{OPERATIONS}/objects/pack/pack-{number:040d}.idx", "x")
    w.verbs = ["report-html", "fetch", "rebase", "undo", "log", "check"]


# What git tracks: the workspace's own files.


def tracked_link(w, path, target, content):
    """A link instead of a file or folder; behind it is one that would do, with a secret in it."""
    place = w.outside / "lent"
    place.mkdir()
    if content is None:
        os.rename(w.at(path), place / "moved")
    else:
        (place / "moved").write_bytes(content)
    w.link(path, target or place / "moved")


SECRET_PATCH = good.mail("demo: say twenty", good.change(new=good.SECRETS["file"]))
TRACKED = [
    ("kerb-yaml", "kerb.yaml", good.CONFIGURATION.encode(), ["kerb.yaml"], {2}),
    ("series", "series", None, ["series"], {1, 2, 5}),
    ("series-file", "series/2024.1", b"demo/one.patch\n", ["series/2024.1"], {1, 2, 5}),
    (
        "series-file-secret",
        "series/2024.1",
        good.SECRETS["file"].encode() + b"\n",
        ["series/2024.1"],
        {1, 2, 5},
    ),
    ("lock", "series/upstream.lock", None, ["upstream.lock"], {2, 5}),
    (
        "lock-secret",
        "series/upstream.lock",
        good.SECRETS["file"].encode() + b" x y z\n",
        ["upstream.lock"],
        {2, 5},
    ),
    ("patches", "patches", None, ["patches"], {1, 2, 5}),
    ("patches-project", "patches/demo", None, ["patches/demo"], {1, 2, 5}),
    ("patch", "patches/demo/one.patch", SECRET_PATCH, ["one.patch"], {1, 2, 5}),
]
for name, path, content, words, exits in TRACKED:

    def plant(w, path=path, content=content, words=words, exits=exits):
        tracked_link(w, path, None, content)
        w.exits = {v: exits for v in ("check", "apply", "export")}
        w.words = {"check": words}

    plant.__doc__ = f"{path} is a link to one outside that would do."
    add(f"tracked-link-{name}", [PULL_REQUEST], plant.__doc__, plant)


@case(PULL_REQUEST)
def tracked_link_dangling(w):
    """series/2024.1 is a link to nothing: the stack must not count as empty and good."""
    w.link("series/2024.1", "../../outside/nothing")
    w.exits = {v: {1, 2, 5} for v in ("check", "apply", "export", "series")}


@case(PULL_REQUEST)
def tracked_link_patch_dangling(w):
    """A patch is a link to a place outside where nothing is: no verb makes it."""
    w.link("patches/demo/one.patch", "../../../outside/made.patch")
    w.verbs = w.verbs + ["fmt-write", "refresh"]
    w.more = {"fmt-write": ["fmt"], "refresh": ["refresh", good.STACK]}
    w.exits = {"check": {1, 2, 5}}


@case(PULL_REQUEST)
def tracked_link_git(w):
    """series/2024.1 is a link to .git/config of the clone: its words must not be quoted."""
    w.link("series/2024.1", "../.git/config")
    w.never = ["repositoryformatversion", "[core]"]
    w.exits = {"check": {1, 2, 5}}


@case(PULL_REQUEST)
def tracked_link_device(w):
    """Files of the workspace are links to devices without an end."""
    w.link("series/2024.1", "/dev/zero")
    w.link("patches/demo/one.patch", "/dev/urandom")
    w.exits = {"check": {1, 2, 5}}


@case(PULL_REQUEST)
def tracked_link_device_configuration(w):
    """kerb.yaml is a link to a device without an end."""
    w.link("kerb.yaml", "/dev/zero")
    w.every_exits, w.exits = {2, 5}, {verb: {0, 2, 5} for verb in ("log", "undo")}


@case(PULL_REQUEST)
def tracked_link_inside(w):
    """A patch is a link to another file of the workspace, one of git's own."""
    w.link("patches/demo/one.patch", "../../.git/HEAD")
    w.never = ["refs/heads"]


@case(PULL_REQUEST)
def tracked_link_release(w):
    """A second release's series is a link that leads out by way of a folder."""
    w.write("kerb.yaml", good.CONFIGURATION.replace('["2024.1"]', '["2023.1", "2024.1"]'))
    w.link("series/2023.1", "../patches/way/secret")
    w.link("patches/way", "../../outside")


@case(PULL_REQUEST)
def tracked_link_resolutions(w):
    """series/resolutions is a link to a folder outside; forgetting a resolution would remove a file there."""
    memory = w.outside / "memory/demo"
    memory.mkdir(parents=True)
    body = "".join(f"{word} 1\nx\n" for word in ("path", "ours", "base", "theirs", "resolution"))
    (memory / ("a" * 40)).write_text("kerb-resolution 1\n" + body)
    w.link("series/resolutions", "../../outside/memory")
    w.verbs += ["remembered", "forget", "forget-all"]
    w.more = {
        "remembered": ["resolve", "--remembered"],
        "forget": ["resolve", "--forget", "aaaa"],
        "forget-all": ["resolve", "--forget", "x"],
    }


@case(PULL_REQUEST)
def tracked_link_kerb(w):
    """`.kerb` is a tracked link to a folder outside."""
    w.link(".kerb", "../outside/keys")
    w.refused(".kerb")


@case(PULL_REQUEST)
def tracked_link_source(w):
    """`src` is a tracked link to a folder outside."""
    w.link("src", "../outside/keys")
    w.refused("src")


@case(PULL_REQUEST)
def tracked_link_tree(w):
    """A release's folder below `src` is a tracked link: apply would write there."""
    w.link("src/2024.1", "../../outside/keys")
    w.refused("src")


@case(PULL_REQUEST)
def tracked_link_journal(w):
    """The journal's lock is a tracked link to a file outside, which would be cut to nothing."""
    w.link(".kerb/journal/lock", "../../../outside/precious")
    w.refused(".kerb")
