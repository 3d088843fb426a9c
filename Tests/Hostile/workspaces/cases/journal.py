"""A journal that somebody else wrote: sets on their way, states, a log."""

import subprocess

import good
import watch
from cases import CACHE, PULL_REQUEST, case
from objects import ZERO, bare, name_of

LOG = ".kerb/journal/operations.git"
# Verbs that only look, and that write, where an unfinished operation would be carried out.
VERBS = "check status fetch apply rebase undo"
NOT_HERE, DAMAGED = "was not begun in this folder but copied here", "it is damaged"
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


def identity(folder):
    """What kerb tells a folder from its copies by: the inode, and the nanosecond in which it was made."""
    folder.mkdir(parents=True, exist_ok=True)
    said = subprocess.run(["stat", "-c", "%i-%.9W", folder], capture_output=True, check=True, text=True)
    return said.stdout.strip().replace(".", "")


def manifest(commit, lines, folder, words="edit"):
    """A set that is past its commit point: (place, old, new, mode, where it waits, path). `folder` is its line, or
    None for a form without one."""
    return (
        f"kerb journal 2\noperation\t{words}\n"
        + (f"folder\t{folder}\n" if folder is not None else "")
        + f"log\t{ZERO}\t{commit}\n"
        + "".join("\t".join(line) + "\n" for line in lines)
        + "end\n"
    )


def forged(w, name="committed", lines=None, folder="", words="edit"):
    """A set that changes the reviewed patch, makes a program that runs as its owner, removes a file. It was begun in
    the folder of another clone unless one is given."""
    patch, tool = w.at("patches/demo/one.patch").read_bytes(), w.payload.read_bytes()
    before, after = ("patches/demo/one.patch", "100644", patch), ("patches/demo/one.patch", "100644", EVIL)
    _, commit = log(w, [before], [after, ("build/ci.sh", "100755", tool)])
    w.remove(f"{LOG}/refs/kerb/operations")
    innocent = name_of("blob", w.at(".gitignore").read_bytes())
    lines = lines or [
        (
            "workspace",
            name_of("blob", patch),
            name_of("blob", EVIL),
            "644",
            "patches/demo/.kerb-new-0",
            "patches/demo/one.patch",
        ),
        ("workspace", ZERO, name_of("blob", tool), "6777", ".kerb-new-1", "build/ci.sh"),
        ("workspace", innocent, ZERO, "644", "", ".gitignore"),
    ]
    if folder == "":
        folder = identity(w.root / "elsewhere/.kerb/journal")
    w.write(f".kerb/journal/{name}", manifest(commit, lines, folder, words))


def unchanged(w):
    patch = w.ws / "patches/demo/one.patch"
    if not patch.exists() or b"EVIL" in patch.read_bytes():
        w.bad("the reviewed patch was replaced or removed")
    if (w.ws / "build/ci.sh").exists():
        w.bad("a program was made")
    if not (w.ws / ".gitignore").exists():
        w.bad("a file was removed")


@case(CACHE)
def control_journal(w):
    """Nothing hostile: an operation that was begun in this very folder and broken off is finished, or dropped. So
    what is forged below is of kerb's form."""
    patch, here = w.at("patches/demo/one.patch").read_bytes(), identity(w.at(".kerb/journal"))
    mended = patch.replace(b"Words", b"Other words")
    _, commit = log(
        w, [("patches/demo/one.patch", "100644", patch)], [("patches/demo/one.patch", "100644", mended)]
    )
    w.remove(f"{LOG}/refs/kerb/operations")
    names = name_of("blob", patch), name_of("blob", mended)
    lines = [("workspace", *names, "644", "patches/demo/.kerb-new-0", "patches/demo/one.patch")]
    w.write(".kerb/journal/prepared", manifest(commit, lines, here))
    w.run("rebase-dry", 0, "dropped 'edit', which had been broken off; nothing is changed")
    if w.at("patches/demo/one.patch").read_bytes() != patch:
        w.bad("a set before its commit point was carried out")
    w.write(".kerb/journal/committed", manifest(commit, lines, here))
    w.run("fetch", 0, "finished 'edit', which had been broken off")
    if w.at("patches/demo/one.patch").read_bytes() != mended:
        w.bad("the operation was not finished")
    w.run("log", 0, "edit", "patches/demo/one.patch")
    w.run("undo", 0, "changed patches/demo/one.patch")


@case(CACHE, PULL_REQUEST, is_tracked=True)
def journal_committed(w):
    """A forged set past its commit point would replace the reviewed patch while `check` runs."""
    w.all_verbs = w.way == CACHE
    forged(w)
    w.refused(".kerb/journal/committed: the unfinished operation 'edit' " + NOT_HERE)
    w.after = [unchanged]


@case(CACHE, PULL_REQUEST, is_tracked=True)
def journal_prepared(w):
    """A forged set before its commit point names files to be removed as left over."""
    new = name_of("blob", EVIL)
    waiting = ("patches/demo/one.patch", ".gitignore")
    forged(w, "prepared", [("workspace", ZERO, new, "644", path, f"new-{path[0]}") for path in waiting])
    w.refused(".kerb/journal/prepared: the unfinished operation 'edit' " + NOT_HERE, labels=VERBS)
    w.after = [unchanged]


@case(CACHE)
def journal_copied(w):
    """The whole workspace, with an operation that was broken off in it, is copied: the copy does not finish it."""
    forged(w, folder=identity(w.at(".kerb/journal")))
    good.copy(w.ws, w.root / "copy")
    w.ws = w.site = w.root / "copy"
    w.refused(NOT_HERE, labels=VERBS)
    w.after = [unchanged]


@case(CACHE)
def journal_folders(w):
    """Forged sets name the folder wrongly, that of another clone's journal, one beside it, or none."""
    here = identity(w.at(".kerb/journal"))
    inode, birth = here.split("-")
    for folder in (
        "",
        "0-0",
        f"{inode}-0",
        f"{inode}-{int(birth) + 1}",
        f"{int(inode) + 1}-{birth}",
        f"{here} ",
        f"0{here}",
        identity(w.other() / ".kerb/journal"),
        identity(w.at(".kerb")),
        identity(w.ws),
        "\x1b[31m",
    ):
        forged(w, folder=folder or " ")
        w.run("check", 5, NOT_HERE)
    for text in (None, f"{here}\tx"):
        forged(w, folder=text)
        w.run("check", 5, ".kerb/journal/committed: " + DAMAGED)
    w.write(
        ".kerb/journal/committed",
        w.at(".kerb/journal/committed").read_bytes().replace(b"journal 2", b"journal 1"),
    )
    w.run("check", 5, ".kerb/journal/committed: " + DAMAGED)
    unchanged(w)


@case(CACHE)
def journal_places(w):
    """Forged sets of this folder's own name write hooks and configuration of the workspace's repository, files
    outside, and files of `.kerb` itself: a name that somebody guessed opens no other place."""
    here, tool = identity(w.at(".kerb/journal")), name_of("blob", w.payload.read_bytes())
    w.link("way", w.outside)
    for place, waits, path, says in (
        ("workspace", ".kerb-new-0", "../outside/precious", DAMAGED),
        ("workspace", ".kerb-new-0", str(w.outside / "precious"), DAMAGED),
        ("workspace", ".kerb-new-0", "patches/../../outside/precious", DAMAGED),
        ("workspace", ".kerb-new-0", ".git/hooks/post-checkout", DAMAGED),
        ("workspace", ".kerb-new-0", ".GIT/config", DAMAGED),
        ("workspace", ".kerb-new-0", "way/precious", "not all of it is in place yet"),
        ("elsewhere", ".kerb-new-0", "x", DAMAGED),
    ):
        forged(w, lines=[(place, ZERO, tool, "755", waits, path)], folder=here)
        w.run("fetch", 5, says)


@case(CACHE)
def journal_garbage(w):
    """Sets on their way are no text, have a hundred thousand lines, and escape sequences in their words."""
    line = ("workspace", ZERO, "1" * 40, "644", "a", "b")
    elsewhere = identity(w.root / "elsewhere")
    for text, says, prepared in (
        (b"\xff\x00" * 1000, DAMAGED, 0),
        (manifest("1" * 40, [line], elsewhere, "\x1b[31m::error::x").encode(), NOT_HERE, 5),
        (manifest("1" * 40, [line], elsewhere, "x\x1b[31m\u202e").encode(), NOT_HERE, 5),
        (manifest("1" * 40, [line] * 100_000, elsewhere).encode(), NOT_HERE, 5),
        (b"kerb journal 2\noperation\tx\nfolder\tx\nlog\tz\tz\nend\n", DAMAGED, 0),
        (b"", DAMAGED, 0),
        (b"kerb journal 99999999999999999999\nend\n", DAMAGED, 0),
    ):
        w.remove(".kerb/journal/prepared")
        w.write(".kerb/journal/committed", text)
        w.run("check", 5, says)
        w.remove(".kerb/journal/committed")
        w.write(".kerb/journal/prepared", text)
        w.run("log", prepared, NOT_HERE if prepared else "dropped 'a command'")


FIXED = [
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
    ".kerb/upstream/demo.git/refs/kerb/upstream/2024.1",
    ".kerb/upstream/demo.git/shallow",
    ".kerb/upstream/demo.git/kerb-writes/1-1",
]


def not_a_file(w, make, says):
    """Each fixed file in turn is something else, and named by who is the first to look."""
    w.lived_in()
    for path in FIXED:
        kept = w.at(path).read_bytes() if w.at(path).is_file() else None
        make(path)
        w.run("check", 5, f"{path}: {says}")
        w.remove(path)
        if kept is not None:
            w.write(path, kept)
    tree = "src/2024.1/demo/.git"
    w.remove(tree)
    make(tree)
    w.run("check", 0)


@case(CACHE)
def fixed_files_pipes(w):
    """Each fixed file below `.kerb` is a pipe that nobody writes to."""
    not_a_file(w, w.fifo, "no regular file, and kerb makes no other there")
    w.then("apply", 1, "the folder holds something else")
    w.then("rebase", 0)


@case(CACHE)
def fixed_files_holes(w):
    """Each fixed file below `.kerb` has 3 GB."""
    not_a_file(w, w.hole, "3221225472 bytes; 67108864 is the most")
    w.then("apply", 5, "src/2024.1/demo/.git: 3221225472 bytes")
    w.then("rebase", 5, "the patches are written", "src/2024.1/demo/.git: 3221225472 bytes")


@case(CACHE)
def fixed_files_folders(w):
    """Fixed files below `.kerb` are folders."""
    w.lived_in()

    def make(path):
        w.remove(path)
        w.folder(path)

    store = ".kerb/upstream/demo.git"
    for path, check, apply, says in (
        (".kerb/journal/committed", 5, 5, ".kerb/journal/committed: not a regular file"),
        (".kerb/journal/prepared", 5, 5, ".kerb/journal/prepared: not a regular file"),
        (".kerb/journal/lock", 5, 5, ".kerb/journal/lock: not a regular file"),
        (f"{store}/HEAD", 5, 5, "not fetched"),
        (f"{store}/packed-refs", 5, 5, "not fetched"),
        ("src/2024.1/demo/.git", 0, 1, "the folder holds something else"),
    ):
        kept = w.at(path).read_bytes() if w.at(path).is_file() else None
        make(path)
        w.run("check", check, *([says] if check else []))
        w.run("apply", apply, says)
        w.remove(path)
        if kept is not None:
            w.write(path, kept)
    w.run("apply", 0)


@case(CACHE)
def lock_words(w):
    """The lock's words, shown to those who wait, have escape sequences, marks that move text, and no end."""
    import fcntl

    w.limits.wall = 2
    for words, says in (
        (
            b"1 \x1b[31m::error::x\xe2\x80\xae" + b"y" * 30_000 + b"\n",
            "waiting: another kerb (pid 1, command ",
        ),
        (b"1 \x1b[31m::error::x\xe2\x80\xae" + b"y" * 100_000, "waiting: another kerb is at work here"),
        (b"-1 \x1b[31mred\n", "waiting: another kerb"),
        (b"99999999999 x\n", "waiting: another kerb"),
    ):
        w.write(".kerb/journal/lock", words)
        with open(w.at(".kerb/journal/lock")) as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            result = w.start(["check"])
        w.lines.append(f"check: waits, {len(result.err)} bytes")
        for problem in watch.output_problems(result.out, result.err):
            w.bad(problem)
        if not result.hung or says.encode() not in result.err:
            w.bad(f"does not wait, or does not say '{says}': {result.err[:200]!r}")
        if len(result.err) > 2_000:
            w.bad("repeats the lock's words without limit")
    w.limits.wall = 60
    w.then("check status", 0)


# A log that was copied can be undone: files of the workspace, and none else.


@case(CACHE)
def log_paths(w):
    """A forged log whose operation has files outside and in `.git`: undo must not write there."""
    tool = w.payload.read_bytes()
    w.link("way", w.outside)
    odd = "its tree is not of kerb's form"
    for path, code, listed, says in (
        ("../../outside/precious", 5, 5, odd),
        (".git/hooks/post-checkout", 5, 5, odd),
        (".GIT/config", 5, 5, odd),
        ("a/../../../outside/x", 5, 5, odd),
        (".git\u200c/config", 5, 5, odd),
        ("git~1/config", 5, 5, odd),
        ("way/new", 2, 0, "what is above it is a link or a file, not a folder [write-refused]"),
        ("way", 2, 0, "a symbolic link; kerb writes to files only [write-refused]"),
    ):
        log(w, [(path, "100755", tool)])
        w.run("log", listed)
        w.run("undo", code, says)


@case(CACHE)
def log_modes(w):
    """A forged log has links, submodules and programs that run as their owner as contents: undo makes plain files."""
    for number, mode in enumerate(("120000", "160000", "104755", "100777", "0")):
        log(w, [(f"x{number}", mode, b"../outside/precious")])
        w.run("undo", 0, f"added x{number}")
        made = w.at(f"x{number}")
        if made.is_symlink() or not made.is_file() or made.stat().st_mode & 0o7022:
            w.bad(f"{mode} became {oct(made.lstat().st_mode)}")
    log(w, [("x", "40000", b"../outside/precious")])
    w.run("undo", 5, "the object is no tree")


def written_by_undo(w, *paths):
    """Undo of an operation that is true as to what is there now would write these paths of kerb's own."""
    evil, odd = w.payload.read_bytes(), "is no file of the workspace [write-refused]"
    for path in paths:
        there = [(path, "100644", w.at(path).read_bytes())] if w.at(path).is_file() else []
        log(w, [(path, "100755", evil)], there)
        w.run("undo", 2, f"{path}: error: ", odd)
        w.run("undo", 2, f"{path}: error: ", odd, command=["undo", "--dry-run"])
        if (w.at(path).read_bytes() if w.at(path).is_file() else None) != (there[0][2] if there else None):
            w.bad(f"undo wrote {path}")


@case(CACHE)
def log_own_files(w):
    """A forged log's operation would write `.kerb` and `src` themselves: a configuration, a hook, a file of a work
    tree, a set that is past its commit point."""
    written_by_undo(
        w,
        ".kerb/upstream/demo.git/config",
        ".kerb/upstream/demo.git/hooks/post-checkout",
        ".kerb/upstream/demo.git/objects/info/alternates",
        ".kerb/journal/committed",
        ".kerb/journal/lock",
        ".kerb/exec/2024.1/demo/x",
        ".kerb/proofs/2024.1-demo.json",
        "src/2024.1/demo/README",
        "src/2024.1/demo/evil",
    )


@case(CACHE)
def log_own_files_case(w):
    """A forged log's operation would write `.KERB` and `Src`, which are kerb's own where case does not count."""
    written_by_undo(w, ".KERB/upstream/demo.git/config", "Src/2024.1/demo/evil")


@case(CACHE)
def log_own_folder(w):
    """A forged log's operation would write a file in the place of the folder `src`."""
    w.remove("src")
    written_by_undo(w, "src")


@case(CACHE)
def log_copied(w):
    """A log is copied from another clone and would put another patch in the place of the reviewed one: undo, which a
    person asks for, says which file it changes, and does nothing else."""
    patch = w.at("patches/demo/one.patch").read_bytes()
    log(w, [("patches/demo/one.patch", "100644", EVIL)], [("patches/demo/one.patch", "100644", patch)])
    elsewhere = w.root / "elsewhere"
    w.ws.rename(elsewhere)
    w.ws = w.site = elsewhere
    w.run("check", 0)
    w.run(
        "undo", 0, "would undo operation 1", "changed patches/demo/one.patch", command=["undo", "--dry-run"]
    )
    if w.at("patches/demo/one.patch").read_bytes() != patch:
        w.bad("a dry run changed a patch")
    w.run("undo", 0, "undid operation 1", "changed patches/demo/one.patch")
    w.run("redo", 0, "changed patches/demo/one.patch")
    log(w, [("patches/demo/one.patch", "100644", EVIL)], [("patches/demo/one.patch", "100644", b"other\n")])
    w.run("undo", 1, "changed since operation 1 (edit), so it stays: patches/demo/one.patch")
    if w.at("patches/demo/one.patch").read_bytes() != patch:
        w.bad("undo wrote over a file that the operation had not left so")


@case(CACHE)
def log_words(w):
    """A forged log's command lines have escape sequences, commands to runners and a megabyte."""
    for message in ("\x1b[31mred\x07", "::error::x", "\u202eevil", "x" * (1 << 20), "a\n\n\x1b]0;x\x07\n"):
        log(w, [("x", "100644", b"1\n")], [("y", "100644", b"1\n")], message)
        w.run("log", 0)
        w.run("undo", 1, "changed since operation 1", "so it stays: y")


@case(CACHE)
def log_numbers(w):
    """A forged log's operations have the largest number, a negative one, none, and undo themselves."""
    odd = "its message is not of kerb's form"
    for number, kind in (
        ("9223372036854775807", "normal"),
        ("-9223372036854775808", "normal"),
        ("x", "normal"),
        ("99999999999999999999999", "normal"),
        ("2", "redo 9223372036854775807"),
        ("3", "undo -1"),
        ("0", "undo 0"),
    ):
        log(w, [("x", "100644", b"1\n")], [("x", "100644", b"2\n")], number=number, kind=kind)
        for label in ("log", "undo"):
            w.run(label, 5, odd)
    for label in ("redo", "report-html"):
        w.run(label, 5, odd)
    log(w, [("x", "100644", b"1\n")], [("x", "100644", b"2\n")], kind="undo 1")
    w.then("log", 0)
    w.then("undo", 2, "there is no operation to undo")
    w.then("redo", 1, "changed since operation 1")


@case(CACHE)
def log_loop(w):
    """A forged log's commit is its own parent, under a name that is not its content's."""
    objects, _ = log(w)
    name = "c" * 40
    objects.commit(objects.tree([]), [name], "edit\n\nKerb-Operation: 1\nKerb-Kind: normal\n", name=name)
    objects.reference("refs/kerb/operations", name)
    w.then("log undo redo report-html", 5, f"expected {name}")
    w.then("check", 0)


@case(CACHE)
def log_long(w):
    """A forged log has three thousand operations."""
    objects, commit = log(w)
    tree = objects.tree([])
    for number in range(2, 3000):
        commit = objects.commit(tree, [commit], f"edit\n\nKerb-Operation: {number}\nKerb-Kind: normal\n")
    objects.reference("refs/kerb/operations", commit)
    w.then("log", 0, "2999  ")
    w.then("undo", 2, "operation 2999 changed no file")


@case(CACHE)
def log_deep(w):
    """A forged log's trees are ten thousand folders deep, and contain themselves."""
    objects, _ = log(w)
    loop = "d" * 40
    objects.tree([("40000", b"d", loop)], name=loop)
    for tree, says in (
        (objects.nested(10_000, objects.blob(b"x")), "it is more than 512 folders deep"),
        (loop, f"expected {loop}"),
    ):
        root = objects.tree([("40000", b"before", tree), ("40000", b"after", objects.tree([]))])
        commit = objects.commit(root, [], "edit\n\nKerb-Operation: 1\nKerb-Kind: normal\n")
        objects.reference("refs/kerb/operations", commit)
        for verb in ("log", "undo", "rebase"):
            w.run(verb, 5, says)
    w.then("check", 0)
