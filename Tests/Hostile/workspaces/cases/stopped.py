"""States of stopped runs and remembered resolutions that somebody wrote by hand."""

import json
import os

import good
from cases import CACHE, PULL_REQUEST, case
from objects import name_of

STATE = ".kerb/stopped/2024.1-demo.json"
DAMAGED = (
    f"{STATE}: error: the state of a stopped run is damaged; remove the file to give it up [stopped-state]"
)
GONE_ON = "its series or patches have changed since it stopped"
MARKERS = "<<<<<<< ours\nSECRET-4711-file\n||||||| base\nb\n=======\nc\n>>>>>>> theirs\n"


def state(w, **changes):
    """The state of a run that stands still here, with some of it changed."""
    if not w.at(STATE).is_file():
        w.stopped()
        w.true_state = json.loads(w.at(STATE).read_text())
    return w.true_state | changes


def put(w, value):
    w.write(STATE, value if isinstance(value, (str, bytes)) else json.dumps(value))


def refused_state(w):
    """Every verb that would go on says so, and those that only look go on without it."""
    w.then("resolve take continue skip rebase abort", 2, DAMAGED)
    w.then("resolve", 2, DAMAGED, command=["resolve", "--tool", "vimdiff", "x"])
    w.then("status check report-html log", 0)


def still_refused(w):
    w.then("abort", 2, DAMAGED)
    w.then("status", 0)


@case(CACHE)
def stopped_true(w):
    """Nothing hostile: the state that the others change is one that is gone on with."""
    put(w, state(w))
    w.then("resolve", 0, "src/2024.1/demo/demo/main.txt")
    w.then("status take continue", 0)


@case(CACHE)
def stopped_open(w):
    """The state names no open file, or another: the markers would go into the patch and the memory."""
    patch = w.at("patches/demo/one.patch").read_bytes()
    for path in ([], [{"path": "README", "reason": "x"}]):
        put(w, state(w, open=path))
        w.run("continue", 3, "src/2024.1/demo/demo/main.txt:", "a conflict marker is still here")
    if w.at("patches/demo/one.patch").read_bytes() != patch or w.at("series/resolutions").exists():
        w.bad("markers were taken for a resolution")


@case(CACHE)
def stopped_outside(w):
    """The open files of a stopped run lead to a file outside that has conflict markers: resolve would print and
    rewrite it."""
    (w.outside / "merge.txt").write_text(MARKERS)
    for path in ("../../../../outside/merge.txt", str(w.outside / "merge.txt"), "../../../.git/config"):
        put(w, state(w, open=[{"path": path, "reason": "x"}]))
        w.run("resolve", 2, DAMAGED)
        w.run("take", 2, DAMAGED)
        w.run("take", 2, DAMAGED, command=["resolve", "--take", "ours", f"{path}:1"])
    refused_state(w)


@case(CACHE)
def stopped_link(w):
    """The open file of a stopped run is a link in the work tree to a file with conflict markers."""
    put(w, state(w))
    (w.outside / "merge.txt").write_text(MARKERS)
    w.link("src/2024.1/demo/demo/main.txt", w.outside / "merge.txt")
    w.then("resolve", 0)
    w.then("take", 2, "no conflict is open")
    w.then("continue", 1, "demo/main.txt: the link's target is absolute")
    w.then("abort", 0)


@case(CACHE)
def stopped_git(w):
    """The open files of a stopped run are git's own, of the workspace and of the work tree."""
    for path in (".git", ".git/config", ".GIT/config", "", ".", "x\x00y"):
        put(w, state(w, open=[{"path": path, "reason": "x"}]))
        w.run("resolve", 2, DAMAGED)
    still_refused(w)


@case(CACHE)
def stopped_files(w):
    """The patches of a stopped run are files outside, of git, a folder, others than it began with."""
    (w.outside / "one.patch").write_bytes(good.mail("x", good.change(new=good.SECRETS["file"])))
    for path in (
        "../outside/one.patch",
        str(w.outside / "one.patch"),
        "../outside/secret",
        "patches/../../outside/secret",
        ".git/config",
    ):
        put(w, state(w, files=[path], digests=["a" * 40]))
        w.run("continue", 2, DAMAGED)
    for path in ("patches/demo", "patches/demo/one.patch", "patches/demo/other.patch"):
        put(w, state(w, files=[path], digests=["a" * 40]))
        w.run("continue", 1, GONE_ON)
    w.then("skip", 1, GONE_ON)
    w.then("rebase", 1, "2024.1/demo is stopped at patch 1 of 1: 'kerb continue', 'kerb skip' or 'kerb abort'")
    w.then("abort", 0)


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
        w.run("continue", 2, DAMAGED)
    still_refused(w)


LANDED = {"commit": "a" * 40, "subject": "x", "evidence": [], "isSame": True}
WRONG = [
    dict(files=[]),
    dict(files="x"),
    dict(done=[{}]),
    dict(digests=[]),
    dict(digests=["x"]),
    dict(marked="x"),
    dict(renumbered=[["1"]]),
    dict(renumbered=[[]]),
    dict(renumbered=[["a", "b", "c"]]),
    dict(open=None),
    dict(open=[{"path": 1}]),
    dict(files=["a"] * 3, digests=["b"]),
    dict(files=["patches/demo/one.patch"] * 2, digests=["a" * 40]),
    # Places that a stack of one patch does not have.
    dict(landed={"-1": LANDED}),
    dict(landed={"1": LANDED}),
    dict(landed={"1000000": LANDED}),
    dict(landed={"9223372036854775807": LANDED}),
    dict(landed={"99999999999999999999": LANDED}),
    dict(landed={"x": LANDED}),
    dict(landed={"0": {}}),
]


@case(CACHE)
def stopped_types(w):
    """The state's values have the wrong types, are missing, are too many, are out of range."""
    for changes in WRONG:
        put(w, state(w, **changes))
        w.run("continue", 2, DAMAGED)
    refused_state(w)


@case(CACHE)
def stopped_values(w):
    """The state's values are of their types and name what is not there."""
    for changes, code, says in (
        (dict(marked="f" * 40), 5, "object not found"),
        (dict(onto=""), 1, "does not say which tree"),
        (dict(onto="x" * 1000), 2, "[lock-form]"),
        (dict(onto="2024.1 demo git:../../x 1 2\n"), 2, "[lock-form]"),
    ):
        put(w, state(w, **changes))
        w.run("continue", code, says)
    put(w, state(w, resolvers=["x" * 100]))
    w.then("status", 0)
    w.then("abort", 0)


@case(CACHE)
def stopped_text(w):
    """The state is no JSON, too deep, has numbers that are none, a key twice, and bytes that are no text."""
    w.stopped()
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
        w.run("abort", 2, DAMAGED)
    still_refused(w)


@case(CACHE)
def stopped_large(w):
    """The state has sixty megabytes: a million open files."""
    # In one piece, as the memory of whoever starts kerb counts as its own.
    files = '{"path": "demo/000000000xxxxxxxxxxxxxxxxxxxx", "reason": "y"}, ' * 1_000_000
    put(w, json.dumps(state(w, open=[])).replace('"open": []', f'"open": [{files[:-2]}]'))
    del files
    w.then("resolve abort", 2, "16777216 is the most [file-size]")
    w.then("status check", 0)


@case(CACHE)
def stopped_many(w):
    """There are two thousand states."""
    for number in range(2000):
        (w.folder(".kerb/stopped") / f"2024.1-x{number}.json").write_text("{}")
    w.then("continue", 2, "[stopped-state]")
    w.then("status check", 0)


@case(CACHE)
def stopped_words(w):
    """The state's reasons and paths have escape sequences and commands to runners."""
    for path in ("demo/\x1b[31m\x07", "a\n::error::x"):
        put(w, state(w, open=[{"path": path, "reason": "x"}]))
        w.run("resolve", 2, DAMAGED)
    reasons = ("\x1b[2J", "\n::error::x", "\u202ey")
    put(
        w,
        state(
            w,
            open=[{"path": "demo/main.txt", "reason": r} for r in reasons]
            + [{"path": "\u202ex", "reason": "y"}],
        ),
    )
    w.then("status resolve", 0)
    w.then("rebase", 1, "2024.1/demo is stopped at patch 1 of 1: 'kerb continue', 'kerb skip' or 'kerb abort'")
    w.then("abort", 0)


@case(CACHE)
def stopped_marked_private(w):
    """The commit with the files as they were left has a tree with links out and a folder .git."""
    from objects import Objects

    value = state(w)
    objects = Objects(w.at(w.store()))
    tree = objects.tree(
        [("120000", b"demo", objects.blob(str(w.outside).encode())), ("40000", b".git", objects.tree([]))]
    )
    put(w, value | {"marked": objects.commit(tree, [w.names["conflicting"]])})
    w.then("resolve", 0)
    w.then("continue", 1, "did not hold the files of this run and has them now")
    w.then("abort", 0)


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
FORGET = ["resolve", "--forget", "demo/main.txt"]


@case(PULL_REQUEST)
def memory_true(w):
    """Nothing hostile: a remembered resolution of the name that is asked for ends the conflict."""
    w.conflict()
    memory(w, true_name(*SIDES), b"demo/main.txt", *SIDES, b"XX twenty\n")
    w.then("fetch-from", 0)
    w.then("rebase", 0, "memory")
    w.then("remembered", 0, "demo/main.txt")
    w.then("forget", 0, command=FORGET)


@case(PULL_REQUEST)
def memory_numbers(w):
    """Remembered resolutions have sizes that are too large, negative, overflowing."""
    w.conflict()
    for number, size in enumerate(
        ("9223372036854775807", "-1", "99999999999999999999", "0x10", " ", "1 1", "9223372036854775806")
    ):
        for word in (b"path", b"ours"):
            memory(
                w,
                f"{number:039d}{word[0] % 10}",
                body=b"kerb-resolution 1\n" + word + b" " + size.encode() + b"\nx\n",
            )
    memory(w, true_name(*SIDES), body=b"kerb-resolution 1\npath 9223372036854775807\nx\n")
    w.then("fetch-from remembered check", 0)
    w.then("rebase", 3)
    w.then("forget", 2, "'demo/main.txt' names no remembered resolution", command=FORGET)
    w.then("abort", 0)


@case(PULL_REQUEST)
def memory_words(w):
    """Remembered resolutions are for paths outside and have escape sequences."""
    w.conflict()
    for number, path in enumerate(
        (b"../../outside/precious", b"/etc/passwd", b"\x1b[31mred", b"a\n::error::x", b"\xff\xfe", b"")
    ):
        memory(w, f"{number:040d}", path, *SIDES, b"evil\n")
    memory(w, true_name(*SIDES), b"../../outside/precious", *SIDES, b"evil \x1b[31m\n")
    w.then("fetch-from remembered check rebase", 0)
    w.then("show", 0, "evil \\u{1b}[31m")
    w.then("forget", 2, "'demo/main.txt' names no remembered resolution", command=FORGET)


@case(PULL_REQUEST)
def memory_many(w):
    """There are two thousand remembered resolutions."""
    w.conflict()
    for number in range(2000):
        (w.folder("series/resolutions/demo") / f"{number:040d}").write_text("kerb-resolution 1\n")
    w.then("fetch-from remembered", 0)
    w.then("rebase", 3)


@case(CACHE)
def memory_nodes(w):
    """Remembered resolutions are a file of thirty megabytes, pipes, links and holes, under the name that would be
    asked for."""
    w.conflict()
    name = f"series/resolutions/demo/{true_name(*SIDES)}"
    for make in (
        lambda p: memory(w, p.rpartition("/")[2], b"demo/main.txt", *SIDES, b"x" * (30 << 20)),
        w.fifo,
        w.hole,
        lambda p: w.link(p, "/dev/zero"),
        w.folder,
    ):
        w.remove(name)
        make(name)
        w.run("remembered", 0)
        w.run("rebase", 3)
        w.run("abort", 0)
    w.remove(name)
    os.mkfifo(w.at("series/resolutions/x"))
    w.then("remembered check", 0)
