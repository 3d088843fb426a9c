"""A journal that somebody else wrote: sets on their way, states, a log."""

import good
from cases import CACHE, PULL_REQUEST, case
from objects import ZERO, bare, name_of

LOG = ".kerb/journal/operations.git"
LOOKING = [
    "check",
    "status",
    "lint",
    "series",
    "show",
    "log",
    "fetch",
    "report",
    "fmt",
    "apply",
    "rebase-dry",
]
EVIL = good.mail("demo: say EVIL", good.change(new="EVIL"))


def log(w, before=(), after=(), message="edit", parents=(), number="1", kind="normal"):
    """A log of one operation; the trees have (path, mode, content)."""
    w.remove(LOG)
    objects = bare(w.folder(LOG))
    sides = [
        ("40000", side, folder(objects, files))
        for side, files in ((b"before", before), (b"after", after))
        if files
    ]
    text = f"{message}\n\nKerb-Operation: {number}\nKerb-Kind: {kind}\n"
    commit = objects.commit(objects.tree(sides), parents, text)
    objects.reference("refs/kerb/operations", commit)
    return objects, commit


def folder(objects, files):
    """A tree of files by path; a component may be anything."""
    below, entries = {}, []
    for path, mode, content in files:
        first, slash, rest = path.partition("/")
        if slash:
            below.setdefault(first, []).append((rest, mode, content))
        else:
            entries.append((mode, first.encode("utf-8", "surrogateescape"), objects.blob(content)))
    entries += [("40000", n.encode(), folder(objects, f)) for n, f in below.items()]
    return objects.tree(entries)


def manifest(commit, lines, words="edit"):
    """A set that is past its commit point: (place, old, new, mode, where it waits, path)."""
    return (
        f"kerb journal 1\noperation\t{words}\nlog\t{ZERO}\t{commit}\n"
        + "".join("\t".join(line) + "\n" for line in lines)
        + "end\n"
    )


def forged(w, name="committed", lines=None):
    """A set that changes the reviewed patch, makes a program that runs as its owner, removes a file."""
    old, new = name_of("blob", w.at("patches/demo/one.patch").read_bytes()), name_of("blob", EVIL)
    tool = w.payload.read_bytes()
    _, commit = log(
        w,
        [("patches/demo/one.patch", "100644", w.at("patches/demo/one.patch").read_bytes())],
        [("patches/demo/one.patch", "100644", EVIL), ("build/ci.sh", "100755", tool)],
    )
    w.remove(f"{LOG}/refs/kerb/operations")
    innocent = name_of("blob", w.at(".gitignore").read_bytes())
    w.write(
        f".kerb/journal/{name}",
        manifest(
            commit,
            lines
            or [
                ("workspace", old, new, "644", "patches/demo/.kerb-new-0", "patches/demo/one.patch"),
                ("workspace", ZERO, name_of("blob", tool), "6777", ".kerb-new-1", "build/ci.sh"),
                ("workspace", innocent, ZERO, "644", "", ".gitignore"),
            ],
        ),
    )


def unchanged(w):
    patch = w.ws / "patches/demo/one.patch"
    if not patch.exists() or b"EVIL" in patch.read_bytes():
        w.bad("the reviewed patch was replaced or removed")
    if (w.ws / "build/ci.sh").exists():
        w.bad("a program was made")
    if not (w.ws / ".gitignore").exists():
        w.bad("a file was removed")


@case(CACHE, PULL_REQUEST)
def journal_committed(w):
    """A forged set past its commit point would replace the reviewed patch while `check` runs."""
    forged(w)
    w.verbs, w.after = LOOKING + ["rebase", "undo"], [unchanged]
    w.exits = {verb: {2, 5} for verb in ("check", "apply")}


@case(CACHE, PULL_REQUEST)
def journal_prepared(w):
    """A forged set before its commit point names files to be removed as left over."""
    forged(
        w,
        "prepared",
        [
            ("workspace", ZERO, name_of("blob", EVIL), "644", "patches/demo/one.patch", "new"),
            ("workspace", ZERO, name_of("blob", EVIL), "644", ".gitignore", "new2"),
        ],
    )
    w.verbs, w.after = LOOKING + ["rebase", "undo"], [unchanged]


@case(CACHE)
def journal_committed_git(w):
    """A forged set writes hooks and configuration of the workspace's own repository."""
    tool = name_of("blob", w.payload.read_bytes())
    forged(
        w,
        lines=[
            ("workspace", ZERO, tool, "755", ".git/hooks/x", ".git/hooks/post-checkout"),
            ("workspace", ZERO, tool, "755", ".kerb-new-0", ".GIT/config"),
        ],
    )
    w.verbs = LOOKING


@case(CACHE)
def journal_committed_outside(w):
    """A forged set names paths outside: with `..`, absolute, below a link."""
    new = name_of("blob", w.payload.read_bytes())
    for path in (
        "../outside/precious",
        str(w.outside / "precious"),
        "way/precious",
        "patches/../../outside/precious",
    ):
        forged(w, lines=[("workspace", ZERO, new, "755", ".kerb-new-0", path)])
        w.link("way", w.outside)
        w.run("check")
        w.run("rebase")
    w.verbs = ["status"]


@case(CACHE)
def journal_committed_state(w):
    """A forged set writes states and files of `.kerb` itself."""
    new = name_of("blob", w.payload.read_bytes())
    forged(
        w,
        lines=[
            ("state", ZERO, new, "755", "state/x", "operations.git/hooks/post-checkout"),
            ("workspace", ZERO, new, "755", ".kerb-new-0", ".kerb/upstream/demo.git/config"),
            ("workspace", ZERO, new, "755", ".kerb-new-1", "src/2024.1/demo/README"),
        ],
    )
    w.verbs = LOOKING


@case(CACHE)
def journal_garbage(w):
    """Sets on their way are no text, have a million lines, and escape sequences in their words."""
    line = "\t".join(["workspace", ZERO, "1" * 40, "644", "a", "b"]) + "\n"
    texts = [
        b"\xff\x00" * 1000,
        manifest("1" * 40, [], "\x1b[31m::error::x").encode(),
        manifest("1" * 40, [], "x\x1b[31m\u202e").encode(),
        b"kerb journal 1\n" + line.encode() * 200_000 + b"end\n",
        b"kerb journal 1\noperation\tx\nlog\tz\tz\nend\n",
        b"",
        b"kerb journal 99999999999999999999\nend\n",
    ]
    for text in texts:
        for name in ("committed", "prepared"):
            w.write(f".kerb/journal/{name}", text)
        w.run("check")
        w.run("log")
    w.verbs = ["rebase", "status"]


def not_a_file(w, make):
    for path in (
        ".kerb/journal/committed",
        ".kerb/journal/prepared",
        ".kerb/journal/lock",
        ".kerb/journal/state",
        ".kerb/stopped/2024.1-demo.json",
        ".kerb/proofs/2024.1-demo.json",
        f"{LOG}/HEAD",
        f"{LOG}/packed-refs",
        ".kerb/upstream/demo.git/HEAD",
        ".kerb/upstream/demo.git/packed-refs",
        "src/2024.1/demo/.git",
        ".kerb/upstream/demo.git/refs/kerb/upstream/2024.1",
        ".kerb/upstream/demo.git/shallow",
        ".kerb/upstream/demo.git/kerb-writes/1-1",
    ):
        kept = w.at(path).read_bytes() if w.at(path).is_file() else None
        make(w, path)
        for verb in ("check", "status", "apply", "fetch-from"):
            result = w.run(verb)
            if result.hung:
                w.bad(f"{path} made it hang")
                w.verbs = []
                return
        w.remove(path)
        if kept is not None:
            w.write(path, kept)
    w.verbs = ["rebase", "log", "undo"]


@case(CACHE)
def fixed_files_pipes(w):
    """Each fixed file below `.kerb` is a pipe that nobody writes to."""
    w.start(["report", "--html", "page.html"])
    not_a_file(w, lambda w, path: w.fifo(path))


@case(CACHE)
def fixed_files_holes(w):
    """Each fixed file below `.kerb` has 3 GB."""
    w.start(["report", "--html", "page.html"])
    not_a_file(w, lambda w, path: w.hole(path))


@case(CACHE)
def fixed_files_folders(w):
    """Each fixed file below `.kerb` is a folder."""
    w.start(["report", "--html", "page.html"])

    def make(w, path):
        w.remove(path)
        w.folder(path)

    not_a_file(w, make)


@case(CACHE)
def lock_words(w):
    """The lock's words, shown to those who wait, have escape sequences and the number of another process."""
    import fcntl

    w.write(".kerb/journal/lock", b"1 \x1b[31m::error::x\xe2\x80\xae" + b"y" * 100_000)
    held = open(w.at(".kerb/journal/lock"))
    fcntl.flock(held, fcntl.LOCK_EX)
    w.limits.timeout = 3
    result = w.start(["check"])
    fcntl.flock(held, fcntl.LOCK_UN)
    import watch

    for problem in watch.output_problems(result.out, result.err):
        w.bad(problem)
    if len(result.err) > 20_000:
        w.bad("repeats the lock's words without limit")
    w.limits.timeout = 20
    w.verbs = ["check", "status"]


@case(CACHE)
def log_paths(w):
    """A forged log whose operation has files outside and in `.git`: undo must not write there."""
    tool = w.payload.read_bytes()
    for path in (
        "../../outside/precious",
        ".git/hooks/post-checkout",
        ".GIT/config",
        "a/../../../outside/x",
        "way/precious",
        ".git\u200c/config",
        "git~1/config",
    ):
        log(w, [(path, "100755", tool)], [(path, "100644", b"x\n")])
        w.link("way", w.outside)
        for verb in ("log", "undo"):
            w.run(verb)
    w.verbs = ["check"]


@case(CACHE)
def log_modes(w):
    """A forged log has links, folders and programs that run as their owner as contents."""
    for mode in ("120000", "160000", "104755", "40000", "100777", "0"):
        log(w, [("x", mode, b"../outside/precious")], [("y", mode, b"../outside/precious")])
        for verb in ("log", "undo"):
            w.run(verb)
    w.verbs = ["check"]


@case(CACHE)
def log_own_files(w):
    """A forged log's operation would write `.kerb` and `src` themselves."""
    for path in (".kerb/upstream/demo.git/config", ".kerb/journal/committed", "src/2024.1/demo/.git"):
        log(w, [(path, "100644", b"x\n")], [])
        w.run("undo")
    w.verbs = ["log", "check"]


@case(CACHE)
def log_words(w):
    """A forged log's command lines have escape sequences, commands to runners and a megabyte."""
    for message in ("\x1b[31mred\x07", "::error::x", "\u202eevil", "x" * (1 << 20), "a\n\n\x1b]0;x\x07\n"):
        log(w, [("x", "100644", b"1\n")], [("y", "100644", b"1\n")], message)
        for verb in ("log", "undo", "status"):
            w.run(verb)
    w.verbs = ["log"]


@case(CACHE)
def log_numbers(w):
    """A forged log's operations have the largest number, a negative one, none, and undo themselves."""
    for number, kind in (
        ("9223372036854775807", "normal"),
        ("-9223372036854775808", "normal"),
        ("x", "normal"),
        ("99999999999999999999999", "normal"),
        ("1", "undo 1"),
        ("2", "redo 9223372036854775807"),
        ("3", "undo -1"),
        ("0", "undo 0"),
    ):
        log(w, [("x", "100644", b"1\n")], [("x", "100644", b"2\n")], number=number, kind=kind)
        for verb in ("log", "undo", "redo", "report-html", "rebase"):
            w.run(verb, ["redo"] if verb == "redo" else None)
        w.remove("page.html")
    w.verbs = ["check"]


@case(CACHE)
def log_loop(w):
    """A forged log's commit is its own parent, under a name that is not its content's."""
    objects, _ = log(w)
    name = "c" * 40
    objects.commit(objects.tree([]), [name], "edit\n\nKerb-Operation: 1\nKerb-Kind: normal\n", name=name)
    objects.reference("refs/kerb/operations", name)
    w.verbs = ["log", "undo", "redo", "report-html", "check"]
    w.more = {"redo": ["redo"]}


@case(CACHE)
def log_long(w):
    """A forged log has five thousand operations."""
    objects, commit = log(w)
    tree = objects.tree([])
    for number in range(2, 5000):
        commit = objects.commit(tree, [commit], f"edit\n\nKerb-Operation: {number}\nKerb-Kind: normal\n")
    objects.reference("refs/kerb/operations", commit)
    w.verbs = ["log", "undo", "check"]


@case(CACHE)
def log_deep(w):
    """A forged log's trees are ten thousand folders deep, and contain themselves."""
    objects, _ = log(w)
    deep = objects.nested(10_000, objects.blob(b"x"))
    loop = "d" * 40
    objects.tree([("40000", b"d", loop)], name=loop)
    for tree in (deep, loop):
        root = objects.tree([("40000", b"before", tree), ("40000", b"after", objects.tree([]))])
        commit = objects.commit(root, [], "edit\n\nKerb-Operation: 1\nKerb-Kind: normal\n")
        objects.reference("refs/kerb/operations", commit)
        for verb in ("log", "undo"):
            w.run(verb)
    w.verbs = ["check", "rebase"]
