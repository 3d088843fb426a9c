"""Where and as what kerb runs: folders of odd names, other workspaces, masks, missing folders."""

import os

import good
from cases import ARTIFACT, CACHE, PULL_REQUEST, SURROUNDINGS, case

CI = "fetch-from check apply export report-html status rebase undo"
NOT_TEXT = "is no folder whose path is UTF-8"


def moved(w, name):
    """Runs kerb in a workspace whose folder has another name; bytes are taken as they are."""
    place = os.fsencode(w.root) + b"/" + (name if isinstance(name, bytes) else name.encode())
    os.rename(w.ws, place)
    w.ws = w.site = type(w.ws)(os.fsdecode(place))


@case(SURROUNDINGS)
def folder_bytes(w):
    """The workspace's folder has a name that is no text: it is used or refused, no other one is taken."""
    moved(w, b"w\xff\xfes")
    w.refused(NOT_TEXT, code=2)


@case(SURROUNDINGS)
def folder_line_end(w):
    """The workspace's folder has a name with a line end, a command to a CI runner and escape sequences."""
    moved(w, "w\n::error::x\x1b[31ms")
    w.then(CI, 0)


@case(SURROUNDINGS)
def folder_option(w):
    """The workspace's folder has a name with blanks, quotes and what a shell would run."""
    moved(w, "-w $(id) '\";&`id`")
    w.then(CI, 0)


@case(SURROUNDINGS)
def folder_bidi(w):
    """The workspace's folder has a name with marks that move text."""
    moved(w, "w\u202es")
    w.then(CI, 0)


@case(SURROUNDINGS)
def folder_long(w):
    """The workspace's path has eight hundred bytes; it has two thousand, which is more than kerb takes."""
    for count, code, says in ((3, 0, "all apply"), (10, 2, "name the workspace's folder with --workspace")):
        deep = w.root / "/".join(["x" * 200] * count)
        deep.mkdir(parents=True, exist_ok=True)
        os.rename(w.ws, deep / "ws")
        w.ws = w.site = deep / "ws"
        w.before = None
        w.run("fetch-from", code)
        w.run("check", code, says)


@case(PULL_REQUEST)
def inner_bytes(w):
    """A workspace inside the workspace, in a folder whose name is no text: the outer one is not used in its place."""
    inner = os.fsencode(w.pr) + b"/in\xff"
    os.makedirs(inner + b"/series")
    with open(inner + b"/kerb.yaml", "w") as file:
        file.write(good.CONFIGURATION.replace("demo", "inner"))
    w.publish()
    w.cwd = os.fsencode(w.ws) + b"/in\xff"
    w.refused(NOT_TEXT, code=2, labels="check status lint rebase")

    def look(w):
        if (w.ws / ".kerb").exists():
            w.bad("the outer workspace was used")

    w.after = [look]


@case(PULL_REQUEST)
def inner_empty(w):
    """A folder of the workspace has an empty kerb.yaml, a broken one, a link to the outer one."""
    w.write("one/kerb.yaml", "")
    w.write("two/kerb.yaml", "[[[[")
    w.link("three/kerb.yaml", "../kerb.yaml")
    w.publish()
    for folder, says in (
        ("one", "kerb.yaml:1: error: the file is no mapping"),
        ("two", "kerb.yaml:2: error: not readable as YAML"),
        ("three", "kerb.yaml: error: a symbolic link"),
    ):
        w.cwd, w.before = w.ws / folder, None
        w.run("check", 2, says)
        w.run("apply", 2, says)
    w.cwd = w.before = None


@case(SURROUNDINGS)
def read_only(w):
    """The workspace cannot be written to."""
    w.workspace("warm")
    w.remove("src")
    for above, folders, files in os.walk(w.ws):
        for name in folders + files:
            os.chmod(os.path.join(above, name), 0o555 if name in folders else 0o444)
    w.ws.chmod(0o555)
    w.then("fetch-from check lint status series show log fmt", 0)
    w.then("apply report-html undo", 5, ".kerb/journal/lock: Permission denied")
    w.then("export rebase-dry rebase", 5, ".kerb/upstream/")
    w.after = [lambda w: w.ws.chmod(0o755)]


@case(SURROUNDINGS)
def temporary_missing(w):
    """TMPDIR is not there, is a file, is a link."""
    os.symlink(w.outside / "keys", w.root / "tmp-link")
    for value in (
        w.root / "nothing",
        w.outside / "precious",
        w.root / "tmp-link",
        "",
        "relative",
        "\x1b[31m",
    ):
        w.environment["TMPDIR"] = str(value)
        for label in ("fetch-from", "export"):
            w.run(label, 0)
    w.then("apply rebase undo", 0)


@case(SURROUNDINGS)
def home_missing(w):
    """There is no home, no TERM, no language, no PATH."""
    for name in ("HOME", "LC_ALL", "CI"):
        w.environment.pop(name)
    w.then(CI, 0)


@case(SURROUNDINGS)
def home_configuration(w):
    """The user's own configuration of git may run programs; in CI kerb's own work does not take it."""
    w.write(
        w.root / "home/.gitconfig",
        f"[core]\n\tfsmonitor = {w.payload}\n\tpager = {w.payload}\n[diff]\n\texternal = {w.payload}\n",
    )
    w.workspace("warm")
    w.then("check apply export status rebase undo report-html", 0)


@case(SURROUNDINGS)
def modules_of_python(w):
    """The workspace has modules that Python would import where it runs in that folder."""
    code = f"import os\nos.system('{w.payload}')\n"
    for name in (
        "pip",
        "json",
        "urllib",
        "hashlib",
        "ssl",
        "sitecustomize",
        "usercustomize",
        "tarfile",
        "encodings",
    ):
        w.write(f"{name}.py", code)
    w.write("kerb.yaml", good.CONFIGURATION.replace("git: https://127.0.0.1:9/demo", "sdist: demo"))
    w.remove("series/upstream.lock")
    w.then("fetch", 5, "kerb.yaml names no version of demo for 2024.1")
    w.then("check", 5, "not locked")


@case(ARTIFACT)
def files_of_others(w):
    """Files that kerb makes are there already with modes that nobody may write, or everybody."""
    for name, mode in ((".kerb", 0o777), ("src", 0o777), (".kerb/journal", 0o777), (".kerb/upstream", 0o777)):
        w.folder(name).chmod(mode)
    w.write(".kerb/journal/lock", "x" * 100_000, 0o444)
    w.then("fetch-from check export status", 0)
    w.then("apply report-html rebase undo", 5, ".kerb/journal/lock: Permission denied")


@case(CACHE)
def hard_links(w):
    """The journal's lock, a mark of the store and a page are hard links to files outside."""
    for path in (".kerb/journal/lock", ".kerb/upstream/demo.git/kerb-writes/1-1", "page.html"):
        w.above(path)
        w.remove(path)
        os.link(w.outside / "precious", w.at(path))
    w.then("fetch-from check export status", 0)
    w.then("apply report-html rebase undo", 5, ".kerb/journal/lock: the file has another name as well")


@case(SURROUNDINGS)
def masks(w):
    """The mask of new files is empty, and takes everything from others: kerb works, exports are the same."""
    found = set()
    for mask in (0o000, 0o077, 0o022):
        w.mask = mask
        for name in (".kerb", "src", "dist"):
            w.remove(name)
        for label in ("fetch-from", "check", "apply", "export", "rebase", "undo"):
            w.run(label, 0)
        found |= {archive.read_bytes() for archive in (w.ws / "dist").glob("*.tar.gz")}
    if len(found) != 1:
        w.bad(f"{len(found)} different archives of one tree")
