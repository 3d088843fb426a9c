"""States of stopped runs and remembered resolutions that somebody wrote by hand."""

import json
import os

import good
from cases import CACHE, PULL_REQUEST, case
from objects import name_of

STATE = ".kerb/stopped/2024.1-demo.json"
VERBS = [
    "status",
    "check",
    "resolve",
    "take",
    "tool",
    "continue",
    "skip",
    "rebase",
    "report-html",
    "log",
    "abort",
]
MORE = {"take": ["resolve", "--take", "1"], "tool": ["resolve", "--tool", "vimdiff", "x"], "skip": ["skip"]}
MARKERS = "<<<<<<< ours\nSECRET-4711-file\n||||||| base\nb\n=======\nc\n>>>>>>> theirs\n"


def state(w, **changes):
    """A state that would be true, with some of it changed."""
    value = {
        "stack": good.STACK,
        "source": good.STACK,
        "onto": good.lock_line(w.names),
        "files": ["patches/demo/one.patch"],
        "digests": [name_of("blob", w.at("patches/demo/one.patch").read_bytes())],
        "done": [],
        "resolvers": [],
        "marked": w.names["locked"],
        "open": [{"path": "demo/main.txt", "reason": "x"}],
    }
    return value | changes


def put(w, value, name=STATE):
    w.write(name, value if isinstance(value, (str, bytes)) else json.dumps(value))


def standard(w):
    w.verbs, w.more = VERBS, dict(MORE)


@case(CACHE, PULL_REQUEST)
def stopped_outside(w):
    """The open files of a stopped run lead to a file outside that has conflict markers: resolve would print and rewrite it."""
    (w.outside / "merge.txt").write_text(MARKERS)
    put(
        w,
        state(
            w,
            open=[
                {"path": p, "reason": "x"}
                for p in (
                    "../../../../outside/merge.txt",
                    str(w.outside / "merge.txt"),
                    "../../../.git/config",
                )
            ],
        ),
    )
    standard(w)
    w.more["take"] = ["resolve", "--take", "ours", "../../../../outside/merge.txt:1"]


@case(CACHE)
def stopped_link(w):
    """The open file of a stopped run is a link in the work tree to a file with conflict markers."""
    (w.outside / "merge.txt").write_text(MARKERS)
    w.link("src/2024.1/demo/demo/main.txt", w.outside / "merge.txt")
    put(w, state(w))
    standard(w)


@case(CACHE)
def stopped_git(w):
    """The open files of a stopped run are git's own, of the workspace and of the work tree."""
    put(
        w,
        state(
            w,
            open=[
                {"path": p, "reason": "x"}
                for p in (".git", ".git/config", ".GIT/config", "demo", "", ".", "x\x00y")
            ],
        ),
    )
    standard(w)


@case(CACHE)
def stopped_files(w):
    """The patches of a stopped run are files outside."""
    (w.outside / "one.patch").write_bytes(good.mail("x", good.change(new=good.SECRETS["file"])))
    for path in (
        "../outside/one.patch",
        str(w.outside / "one.patch"),
        "../outside/secret",
        "patches/../../outside/secret",
        ".git/config",
        "patches/demo",
    ):
        put(w, state(w, files=[path], digests=["a" * 40]))
        for verb in ("status", "continue", "check"):
            w.run(verb)
    standard(w)


@case(CACHE)
def stopped_names(w):
    """The state's stack is another, one that is not there, a path."""
    for name in (
        "../../x/demo",
        "2024.1/../../x",
        "master/demo",
        "2024.1/other",
        "/",
        "",
        "2024.1/demo/x",
        "2024.1/\x1b[31m",
    ):
        put(w, state(w, stack=name, source=name))
        for verb in ("status", "continue", "abort"):
            w.run(verb)
        put(w, state(w))
    standard(w)


@case(CACHE)
def stopped_types(w):
    """The state's values have the wrong types, are missing, are too many, are out of range."""
    wrong = [
        dict(files=[]),
        dict(files="x"),
        dict(done=[{}]),
        dict(digests=[]),
        dict(digests=["x"]),
        dict(marked="x"),
        dict(marked="f" * 40),
        dict(onto=""),
        dict(onto="x" * 1000),
        dict(onto="2024.1 demo git:../../x 1 2\n"),
        dict(landed={"-1": {}}),
        dict(landed={"99999999999999999999": {}}),
        dict(renumbered=[["1"]]),
        dict(renumbered=[[]]),
        dict(renumbered=[["a", "b", "c"]]),
        dict(resolvers=["x" * 100]),
        dict(open=None),
        dict(open=[{"path": 1}]),
        dict(files=["a"] * 3, digests=["b"]),
        dict(landed={"5": {}}),
        dict(files=["patches/demo/one.patch"] * 2, digests=["a" * 40]),
    ]
    for changes in wrong:
        put(w, state(w, **changes))
        for verb in ("status", "continue", "resolve", "abort"):
            w.run(verb)
    standard(w)


@case(CACHE)
def stopped_text(w):
    """The state is no JSON, too deep, has numbers that are none, a key twice, and bytes that are no text."""
    for value in (
        "[" * 200_000,
        '{"stack":' * 100_000,
        "NaN",
        '{"stack": NaN}',
        '{"stack":1e999999}',
        b"\xff\xfe{}",
        "",
        '{"stack":"2024.1/demo","stack":"2024.1/other"}',
        '"' + "\\u0000" * 100 + '"',
        "null",
        "[]",
        b"\xef\xbb\xbf{}",
    ):
        put(w, value)
        for verb in ("status", "abort"):
            w.run(verb)
    standard(w)


@case(CACHE)
def stopped_large(w):
    """The state has sixty megabytes: a million open files."""
    # In one piece, as the memory of whoever starts kerb counts as its own.
    files = '{"path": "demo/000000000xxxxxxxxxxxxxxxxxxxx", "reason": "y"}, ' * 1_000_000
    put(w, json.dumps(state(w, open=[])).replace('"open": []', f'"open": [{files[:-2]}]'))
    del files
    w.verbs = ["status", "resolve", "check"]


@case(CACHE)
def stopped_many(w):
    """There are two thousand states."""
    w.folder(".kerb/stopped")
    for number in range(2000):
        (w.at(".kerb/stopped") / f"2024.1-x{number}.json").write_text("{}")
    w.verbs = ["status", "check", "continue"]


@case(CACHE)
def stopped_words(w):
    """The state's reasons and paths have escape sequences and commands to runners."""
    put(
        w,
        state(
            w,
            open=[
                {"path": "demo/\x1b[31m\x07", "reason": "\x1b[2J"},
                {"path": "a\n::error::x", "reason": "\n::error::x"},
                {"path": "\u202ex", "reason": "\u202ey"},
            ],
        ),
    )
    standard(w)


@case(CACHE)
def stopped_marked_private(w):
    """The commit with the files as they were left is one that the store does not have, its tree one with links out."""
    from objects import Objects

    objects = Objects(w.at(w.store()))
    tree = objects.tree(
        [("120000", b"demo", objects.blob(str(w.outside).encode())), ("40000", b".git", objects.tree([]))]
    )
    put(w, state(w, marked=objects.commit(tree)))
    standard(w)


def memory(w, name, *parts, body=None):
    """A remembered resolution: `parts` are path, ours, base, theirs, resolution."""
    words = ("path", "ours", "base", "theirs", "resolution")
    text = b"kerb-resolution 1\n" + b"".join(
        b"%s %d\n%s\n" % (word.encode(), len(part), part) for word, part in zip(words, parts)
    )
    w.write(f"series/resolutions/demo/{name}", body if body is not None else text)


def true_name(ours, base, theirs):
    return name_of("blob", b"".join(b"%d\n%s" % (len(side), side) for side in (ours, base, theirs)))


SIDES = b"XX\n", b"20\n", b"twenty\n"
MEMORY_VERBS = ["fetch-from", "remembered", "check", "rebase", "resolve", "forget", "abort", "lint", "status"]
MEMORY_MORE = {"remembered": ["resolve", "--remembered"], "forget": ["resolve", "--forget", "demo/main.txt"]}


def with_memory(w):
    w.conflict()
    w.verbs, w.more = MEMORY_VERBS, MEMORY_MORE


@case(PULL_REQUEST)
def memory_numbers(w):
    """Remembered resolutions have sizes that are too large, negative, overflowing."""
    with_memory(w)
    for number, size in enumerate(
        ("9223372036854775807", "-1", "99999999999999999999", "0x10", " ", "1 1", "9223372036854775806")
    ):
        for word in (b"path", b"ours"):
            memory(
                w,
                f"{number:039d}{word[0] % 10}",
                body=b"kerb-resolution 1\n" + word + b" " + size.encode() + b"\nx\n",
            )
    name = true_name(*SIDES)
    memory(w, name, body=b"kerb-resolution 1\npath 9223372036854775807\nx\n")


@case(PULL_REQUEST)
def memory_words(w):
    """Remembered resolutions are for paths outside and have escape sequences."""
    with_memory(w)
    for number, path in enumerate(
        (b"../../outside/precious", b"/etc/passwd", b"\x1b[31mred", b"a\n::error::x", b"\xff\xfe", b"")
    ):
        memory(w, f"{number:040d}", path, *SIDES, b"evil\n")
    memory(w, true_name(*SIDES), b"../../outside/precious", *SIDES, b"evil \x1b[31m\n")


@case(PULL_REQUEST)
def memory_many(w):
    """There are two thousand remembered resolutions."""
    with_memory(w)
    w.folder("series/resolutions/demo")
    for number in range(2000):
        (w.at("series/resolutions/demo") / f"{number:040d}").write_text("kerb-resolution 1\n")
    w.verbs = ["fetch-from", "remembered", "rebase"]


@case(PULL_REQUEST)
def memory_large(w):
    """A remembered resolution has thirty megabytes, under the name that would be asked for."""
    with_memory(w)
    memory(w, true_name(*SIDES), b"demo/main.txt", *SIDES, b"x" * (30 << 20))
    w.verbs = ["fetch-from", "check", "rebase", "abort"]


@case(CACHE)
def memory_pipes(w):
    """Remembered resolutions are pipes, links and holes, under the name that would be asked for."""
    with_memory(w)
    name = f"series/resolutions/demo/{true_name(*SIDES)}"
    for make in (w.fifo, w.hole, lambda p: w.link(p, "/dev/zero"), w.folder):
        w.remove(name)
        make(name)
        for verb in ("fetch-from", "remembered", "rebase", "abort"):
            if w.run(verb).hung:
                return
    w.remove(name)
    os.mkfifo(w.at("series/resolutions/x"))
    w.verbs = ["remembered", "check"]
