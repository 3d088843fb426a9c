"""Series, lock and patches as a pull request can bring them."""

import good
from cases import ARTIFACT, PULL_REQUEST, add, case

CI = ["fetch-from", "check", "export", "report-html", "lint", "show"]


def series(w, text, exits={1, 2, 5}):
    w.write("series/2024.1", text() if callable(text) else text)
    w.verbs = CI
    w.exits = {"check": exits}


SERIES = [
    ("long-line", "a line of a megabyte", lambda: "x" * (1 << 20) + "\n"),
    ("lines", "a hundred thousand names", lambda: "".join(f"demo/p{n}.patch\n" for n in range(100_000))),
    (
        "comments",
        "a hundred thousand comments with one patch",
        lambda: "# x\n" * 100_000 + "demo/one.patch\n",
    ),
    ("same", "one name a hundred thousand times", lambda: "demo/one.patch\n" * 100_000),
    ("huge", "thirty megabytes", lambda: "x\n" * (15 << 20)),
    ("options", "options of quilt that change what is applied", "demo/one.patch -p0\n"),
    ("reverse", "a patch that is taken back", "demo/one.patch -R\n"),
    ("fuzz", "unknown options", "demo/one.patch -p1 --fuzz=3 -o /tmp/x\n"),
    ("up", "a path with ..", "demo/../../../outside/precious\n"),
    ("up-patch", "a patch outside", "../outside/one.patch\n"),
    ("absolute", "an absolute path", "/etc/passwd\n"),
    ("git", "a file of git's own", ".git/config\ndemo/.git/x.patch\n"),
    ("control", "control bytes", b"demo/\x1b[31mone.patch\ndemo/one\x07.patch\n"),
    ("nul", "a NUL", b"demo/one.patch\0../x\n"),
    ("bidi", "marks that move text", "demo/\u202eone.patch\n"),
    ("runner", "a command to a CI runner", "::error::x\n##[error]x\ndemo/one.patch\n"),
    ("bytes", "bytes that are no text", b"\xff\xfe\x80demo/one.patch\n"),
    ("utf16", "UTF-16", "demo/one.patch\n".encode("utf-16")),
    ("cr", "carriage returns", "demo/one.patch\r\ndemo/one.patch\r"),
    ("case", "names that differ in case", "demo/one.patch\ndemo/ONE.patch\n"),
    ("normal", "names that differ in normal form", "demo/\u00e9.patch\ndemo/e\u0301.patch\n"),
    ("backslash", "backslashes", "demo\\one.patch\n..\\..\\x.patch\n"),
    ("blank", "a name that is an option", "-p1\n--help\n"),
    ("shell", "names that a shell would run", "demo/$(id).patch\n`id`.patch\n;id\n"),
]
for name, does, text in SERIES:
    exits = {0, 1, 2, 5} if name in ("comments", "cr") else {1, 2, 5}
    add(f"series-{name}", [PULL_REQUEST], f"series/2024.1 has {does}.", series, text, exits)


def series_node(w, make):
    w.remove("series/2024.1")
    make(w)
    w.verbs, w.exits = CI, {v: {1, 2, 5} for v in ("check", "apply", "export")}


add("series-pipe", [ARTIFACT], "series/2024.1 is a pipe.", series_node, lambda w: w.fifo("series/2024.1"))
add("series-hole", [ARTIFACT], "series/2024.1 has 3 GB.", series_node, lambda w: w.hole("series/2024.1"))
add(
    "series-folder",
    [PULL_REQUEST],
    "series/2024.1 is a folder.",
    series_node,
    lambda w: w.write("series/2024.1/x", "x"),
)
add(
    "series-gone",
    [PULL_REQUEST],
    "`series` is a file.",
    series_node,
    lambda w: (w.remove("series"), w.write("series", "x")),
)


@case(PULL_REQUEST)
def series_files(w):
    """Files beside the series have names that are options, escape sequences, no text, and differ in case."""
    for name in (
        "-x",
        "2024.1~",
        "2024.1\n::error::x",
        "\x1b[31mred",
        "MASTER",
        "Master",
        "upstream.LOCK",
        "2024.1.patch",
        "\u202ex",
    ):
        w.write(f"series/{name}", "demo/one.patch\n")
    with open(bytes(w.at("series")) + b"/\xff\xfe", "w") as file:
        file.write("demo/one.patch\n")
    w.verbs = CI


def lock(w, make):
    w.write("series/upstream.lock", make(w))
    w.verbs = ["fetch", "fetch-from", "check", "export"]


def line(w, **changes):
    return good.lock_line(w.names | changes.pop("names", {}), **changes)


LOCKS = [
    ("huge", "thirty megabytes", lambda w: line(w) * (30 << 13)),
    ("long", "a line of half a megabyte", lambda w: line(w).rstrip() + " " + "x" * (1 << 19) + "\n"),
    ("twice", "a stack twice", lambda w: line(w) * 2),
    (
        "others",
        "ten thousand stacks that are not there",
        lambda w: "".join(line(w).replace(" demo ", f" demo{n} ") for n in range(5000)),
    ),
    (
        "sdist",
        "an archive where the project is of git",
        lambda w: line(w, source="sdist:1.0", digest=" sha256:" + "a" * 64),
    ),
    ("sdist-bare", "an archive without a digest", lambda w: line(w, source="sdist:1.0")),
    (
        "sdist-path",
        "an archive's version that is a path or an option",
        lambda w: line(w, source="sdist:../../x", digest=" sha256:" + "a" * 64)
        + line(w, source="sdist:--index-url=x", digest=" sha256:" + "a" * 64),
    ),
    ("ref-option", "a reference that is an option", lambda w: line(w, source="git:--upload-pack=x")),
    ("ref-up", "a reference that leaves refs", lambda w: line(w, source="git:../../outside/x")),
    (
        "password",
        "an address with a password as reference",
        lambda w: line(w, source="git:https://u:word-4712@127.0.0.1:9/x"),
    ),
    ("control", "escape sequences", lambda w: line(w, source="git:\x1b[31mred") + "::error::x\n"),
    ("zero", "names of zeros", lambda w: line(w, names={"locked": "0" * 40, "tree": "0" * 40})),
    ("other-tree", "the commit's tree as another one", lambda w: line(w, names={"tree": "1" * 40})),
    (
        "kinds",
        "a tree as commit and a commit as tree",
        lambda w: line(w, names={"locked": w.names["tree"], "tree": w.names["locked"]}),
    ),
    (
        "private",
        "a commit that only a private clone has",
        lambda w: line(w, names={"locked": w.names["private"], "tree": w.names["private_tree"]}),
    ),
    (
        "short",
        "short, long and upper-case names",
        lambda w: f"2024.1 demo git:x abc def\n2024.1 demo git:x {'A' * 41} {'B' * 64}\n",
    ),
    (
        "stack",
        "a stack that is a path",
        lambda w: line(w).replace("demo", "../../x") + line(w).replace("2024.1", "../x"),
    ),
    ("bytes", "bytes that are no text", lambda w: b"\xff\xfe\x00\n" + line(w).encode()),
    (
        "digest",
        "digests of the wrong form",
        lambda w: line(w, digest=" sha256:../../x") + line(w, digest=" md5:" + "a" * 32),
    ),
]
for name, does, make in LOCKS:
    add(f"lock-{name}", [PULL_REQUEST], f"series/upstream.lock has {does}.", lock, make)


@case(ARTIFACT)
def lock_pipe(w):
    """series/upstream.lock is a pipe."""
    w.fifo("series/upstream.lock")
    w.verbs = CI


@case(ARTIFACT)
def lock_hole(w):
    """series/upstream.lock has 3 GB."""
    w.hole("series/upstream.lock")
    w.verbs = CI


def patch(w, make, exits={1, 2, 5}):
    data = make() if callable(make) else make
    w.write("patches/demo/one.patch", data)
    w.verbs = CI
    w.exits = {"check": exits}


def raw(*lines):
    return good.mail("demo: x", "\n".join(lines) + "\n")


def section(path, mode="100644", content="evil"):
    return good.mail("demo: x", good.addition(path, content + "\n", mode))


PATCHES = [
    ("git-hook", "writes a hook", section(".git/hooks/post-checkout", "100755")),
    ("git-case", "writes .GiT/config", section(".GiT/config")),
    ("git-below", "writes demo/.git/config", section("demo/.git/config")),
    ("git-mark", "writes .git with a mark in it", section(".g\u200cit/config")),
    ("up", "writes ../../outside", section("../../../outside/precious")),
    ("absolute", "writes an absolute path", section("/tmp/x")),
    ("setid", "makes a program that runs as its owner", section("tool", "104755")),
    ("device", "makes a device", section("dev", "020644")),
    ("gitlink", "makes a submodule", section("sub", "160000", "Subproject commit " + "a" * 40)),
    (
        "link-out",
        "makes a link that leads out",
        section("l", "120000", "../../../outside/precious").replace(
            b"+../../../outside/precious\n", b"+../../../outside/precious\n\\ No newline at end of file\n"
        ),
    ),
    (
        "link-absolute",
        "makes an absolute link",
        section("l", "120000", "/etc/passwd").replace(
            b"+/etc/passwd\n", b"+/etc/passwd\n\\ No newline at end of file\n"
        ),
    ),
    (
        "below-link",
        "makes a link and a file below it",
        good.mail(
            "demo: x",
            good.addition("l", "demo\n", "120000").replace("+demo\n", "+demo\n\\ No newline at end of file\n")
            + good.addition("l/precious"),
        ),
    ),
    (
        "control",
        "has escape sequences in its letter",
        lambda: good.mail("demo: \x1b[31mred\x07 ::error::x", good.change()),
    ),
    (
        "author",
        "has an author with escape sequences",
        lambda: good.mail("demo: x", good.change()).replace(
            b"From: a <a@x>", b"From: \x1b]0;x\x07 <a@x\x1b[31m>"
        ),
    ),
    ("names", "has names with escape sequences", section("a\x1b[31m\x07b")),
    (
        "runner",
        "has a command to a runner in its message",
        lambda: good.mail("demo: x", good.change()).replace(
            b"Words", b"::error::x\n##[error]y\n::set-output name=x::y\nWords"
        ),
    ),
    (
        "counts",
        "has counts without end",
        raw(
            "diff --git a/demo/main.txt b/demo/main.txt",
            "--- a/demo/main.txt",
            "+++ b/demo/main.txt",
            "@@ -99999999999999999999,9223372036854775807 +1,18446744073709551615 @@",
            " x",
        ),
    ),
    (
        "long-name",
        "has a name of fifty kilobytes",
        lambda: raw(
            "diff --git a/" + "x" * 50_000 + " b/" + "x" * 50_000,
            "new file mode 100644",
            "--- /dev/null",
            "+++ b/" + "x" * 50_000,
            "@@ -0,0 +1 @@",
            "+x",
        ),
    ),
    ("nested-name", "has a name of a thousand folders", lambda: section("/".join(["d"] * 1000))),
    (
        "binary",
        "says it inflates to sixteen gigabytes",
        lambda: raw(
            "diff --git a/b b/b",
            "new file mode 100644",
            f"index {'0' * 40}..{'1' * 40}",
            "GIT binary patch",
            "literal 17179869184",
            "zcmV-x",
            "",
            "literal 0",
            "HcmV?d00001",
            "",
        ),
    ),
    ("huge", "has twenty megabytes of one line", lambda: good.mail("demo: x", "x" * (20 << 20))),
    ("lines", "has three hundred thousand blank lines", lambda: good.mail("demo: x", "\n" * 300_000)),
    ("garbage", "is no text", b"\xff\x00\xfe" * 10_000),
    ("empty", "is empty", b""),
    (
        "headers",
        "has a hundred thousand header lines",
        lambda: b"X-A: b\n" * 100_000 + good.mail("demo: x", good.change()),
    ),
    ("archive", "is an archive", lambda: b"\x1f\x8b\x08" + b"\x00" * 1000),
    (
        "own-files",
        "writes .kerb and src of the upstream tree",
        good.mail("demo: x", good.addition(".kerb/x") + good.addition("src/y")),
    ),
    (
        "attributes",
        "adds attributes with filters",
        good.mail(
            "demo: x",
            good.addition(".gitattributes", "* filter=x diff=x\n")
            + good.addition(".gitmodules", '[submodule "demo"]\n\tpath = demo\n\tupdate = !id\n'),
        ),
    ),
]
for name, does, make in PATCHES:
    exits = (
        {0, 1, 2}
        if name in ("control", "author", "runner", "own-files", "attributes", "nested-name", "link-out")
        else {1, 2, 5}
    )
    add(f"patch-{name}", [PULL_REQUEST], f"A patch {does}.", patch, make, exits)


@case(ARTIFACT)
def patch_pipe(w):
    """A patch is a pipe."""
    w.fifo("patches/demo/one.patch")
    w.verbs, w.exits = CI, {"check": {1, 2, 5}}


@case(ARTIFACT)
def patch_hole(w):
    """A patch has 3 GB."""
    w.hole("patches/demo/one.patch")
    w.verbs, w.exits = CI, {"check": {1, 2, 5}}


@case(PULL_REQUEST)
def patch_files(w):
    """Beside the patch are fifteen hundred others, with names that are no text, twins in case and normal form."""
    for number in range(1500):
        w.at("patches/demo").joinpath(f"x{number}.patch").write_text("x")
    for name in (
        "ONE.patch",
        "\u00e9.patch",
        "e\u0301.patch",
        "\x1b[31m.patch",
        "a\n::error::x.patch",
        "-x.patch",
        "\u202e.patch",
        "one.patch.orig",
    ):
        w.write(f"patches/demo/{name}", "x")
    with open(bytes(w.at("patches/demo")) + b"/\xff\xfe.patch", "w") as file:
        file.write("x")
    w.verbs = ["fetch-from", "check", "apply", "report", "report-html", "lint", "status", "fmt"]
