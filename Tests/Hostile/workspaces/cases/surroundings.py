"""Where and as what kerb runs: folders of odd names, other workspaces, masks, missing folders."""

import os

import good
from cases import ARTIFACT, PULL_REQUEST, SURROUNDINGS, case

CI = ["fetch-from", "check", "apply", "export", "report-html", "status", "rebase", "undo"]


def moved(w, name):
    """Runs kerb in a workspace whose folder has another name; bytes are taken as they are."""
    place = os.fsencode(w.root) + b"/" + (name if isinstance(name, bytes) else name.encode())
    os.rename(w.ws, place)
    w.ws = w.site = type(w.ws)(os.fsdecode(place))
    w.verbs = CI


@case(SURROUNDINGS)
def folder_bytes(w):
    """The workspace's folder has a name that is no text: it is used or refused, no other one is taken."""
    moved(w, b"w\xff\xfes")


@case(SURROUNDINGS)
def folder_line_end(w):
    """The workspace's folder has a name with a line end, a command to a CI runner and escape sequences."""
    moved(w, "w\n::error::x\x1b[31ms")


@case(SURROUNDINGS)
def folder_option(w):
    """The workspace's folder has a name with blanks, quotes and what a shell would run."""
    moved(w, "-w $(id) '\";&`id`")


@case(SURROUNDINGS)
def folder_bidi(w):
    """The workspace's folder has a name with marks that move text."""
    moved(w, "w\u202es")


@case(SURROUNDINGS)
def folder_long(w):
    """The workspace is very deep."""
    deep = w.root / "/".join(["x" * 200] * 10)
    deep.mkdir(parents=True)
    os.rename(w.ws, deep / "ws")
    w.ws = w.site = deep / "ws"
    w.verbs = CI


@case(PULL_REQUEST)
def inner_bytes(w):
    """A workspace inside the workspace, in a folder whose name is no text: the outer one is not used in its place."""
    inner = os.fsencode(w.pr) + b"/in\xff"
    os.makedirs(inner + b"/series")
    with open(inner + b"/kerb.yaml", "w") as file:
        file.write(good.CONFIGURATION.replace("demo", "inner"))
    w.publish()
    w.cwd = os.fsencode(w.ws) + b"/in\xff"
    w.verbs = ["check", "status", "series", "lint", "rebase"]
    w.exits = {v: {1, 2, 5} for v in ("check", "series", "rebase")}

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
    for folder in ("one", "two", "three"):
        w.cwd, w.before = w.ws / folder, None
        w.exits = {v: {1, 2, 5} for v in ("check", "apply", "status")}
        for verb in ("check", "apply", "status"):
            w.run(verb)
    w.cwd, w.before, w.exits, w.verbs = None, None, {}, ["check"]


@case(SURROUNDINGS)
def read_only(w):
    """The workspace cannot be written to."""
    w.start(["fetch", "--from", w.up])
    for above, folders, files in os.walk(w.ws):
        for name in folders + files:
            os.chmod(os.path.join(above, name), 0o555 if name in folders else 0o444)
    w.ws.chmod(0o555)
    w.exits = {verb: {0} for verb in ("check", "status", "series", "show")}
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
        for verb in ("fetch-from", "check", "apply", "export", "rebase", "undo"):
            w.run(verb)
    w.verbs = ["status"]


@case(SURROUNDINGS)
def home_missing(w):
    """There is no home, no TERM, no language, no PATH."""
    for name in ("HOME", "LC_ALL", "CI"):
        w.environment.pop(name)
    w.verbs = CI
    w.exits = {verb: {0} for verb in ("fetch-from", "check", "apply", "export")}


@case(SURROUNDINGS)
def home_configuration(w):
    """The user's own configuration of git may run programs; in CI kerb's own work does not take it."""
    w.write(
        w.root / "home/.gitconfig",
        f"[core]\n\tfsmonitor = {w.payload}\n\tpager = {w.payload}\n[diff]\n\texternal = {w.payload}\n",
    )
    w.verbs = ["check", "apply", "export", "status", "rebase", "undo", "report-html"]


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
    w.verbs = ["fetch", "check", "status"]


@case(ARTIFACT)
def files_of_others(w):
    """Files that kerb makes are there already with modes that nobody may write, or everybody."""
    for name, mode in ((".kerb", 0o777), ("src", 0o777), (".kerb/journal", 0o777), (".kerb/upstream", 0o777)):
        w.folder(name).chmod(mode)
    w.write(".kerb/journal/lock", "x" * 100_000, 0o444)
    w.verbs = CI


@case(ARTIFACT)
def hard_links(w):
    """The journal's lock, the store's configuration and a state are hard links to files outside."""
    for path in (".kerb/journal/lock", ".kerb/upstream/demo.git/kerb-writes/1-1", "page.html"):
        w.above(path)
        os.link(w.outside / "precious", w.at(path))
    w.start(["fetch", "--from", w.up])
    w.remove("series/upstream.lock")
    w.add("series/upstream.lock", good.lock_line(w.names))
    (w.outside / "precious").write_text("precious\n")
    w.verbs = CI


@case(SURROUNDINGS)
def masks(w):
    """The mask of new files is empty, and takes everything from others: kerb works, exports are the same."""
    found = set()
    for mask in (0o000, 0o077, 0o022):
        w.mask = mask
        for name in (".kerb", "src", "dist"):
            w.remove(name)
        for verb in ("fetch-from", "check", "apply", "export", "rebase", "undo"):
            w.exits[verb] = {0}
            w.run(verb)
        found |= {archive.read_bytes() for archive in (w.ws / "dist").glob("*.tar.gz")}
    if len(found) != 1:
        w.bad(f"{len(found)} different archives of one tree")
    w.verbs = ["status"]
