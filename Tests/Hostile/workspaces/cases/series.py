"""Series, lock and patches as a pull request can bring them."""

import os

import good
import planting
from cases import ARTIFACT, PULL_REQUEST, add, case


def refused_series(w, says):
    """The series is named wherever it is needed; the other pages say so and stay."""
    w.then("check apply", 2, "series/2024.1", says)
    w.then("lint", 1, "series/2024.1", says)
    w.then("report-html", 0)


def series(w, text, says):
    w.write("series/2024.1", text() if callable(text) else text)
    refused_series(w, says)


SERIES = [
    (
        "long-line",
        "a line of a megabyte",
        lambda: "x" * (1 << 20) + "\n",
        "1048577 bytes; 1048576 is the most [file-size]",
    ),
    (
        "lines",
        "a hundred thousand names",
        lambda: "".join(f"demo/p{n}.patch\n" for n in range(100_000)),
        "1048576 is the most [file-size]",
    ),
    (
        "same",
        "one name a hundred thousand times",
        lambda: "demo/one.patch\n" * 100_000,
        "1048576 is the most [file-size]",
    ),
    (
        "huge",
        "thirty megabytes",
        lambda: "x\n" * (15 << 20),
        "31457280 bytes; 1048576 is the most [file-size]",
    ),
    (
        "options",
        "options of quilt that change what is applied",
        "demo/one.patch -p0\n",
        "1: error: '-p0': the only option that a series may give is -p1 [series-option]",
    ),
    (
        "reverse",
        "a patch that is taken back",
        "demo/one.patch -R\n",
        "1: error: '-R': the only option that a series may give is -p1 [series-option]",
    ),
    (
        "fuzz",
        "unknown options",
        "demo/one.patch -p1 --fuzz=3 -o /tmp/x\n",
        "1: error: '--fuzz=3': the only option that a series may give is -p1 [series-option]",
    ),
    ("up", "a path with ..", "demo/../../../outside/precious\n", "the path has a '.' or '..' component"),
    ("up-patch", "a patch outside", "../outside/one.patch\n", "the path has a '.' or '..' component"),
    ("absolute", "an absolute path", "/etc/passwd\n", "'/etc/passwd': the path is absolute"),
    (
        "git",
        "a file of git's own",
        ".git/config\ndemo/.git/x.patch\n",
        "'demo/.git/x.patch': the path names a .git directory",
    ),
    (
        "control",
        "control bytes",
        b"demo/\x1b[31mone.patch\ndemo/one\x07.patch\n",
        "'demo/\\u{1b}[31mone.patch': the path has a control character",
    ),
    ("nul", "a NUL", b"demo/one.patch\0../x\n", "the path has a control character"),
    (
        "bidi",
        "marks that move text",
        "demo/\u202eone.patch\n",
        "'demo/\\u{202e}one.patch': a patch's name has letters, digits and . _ - + @ only [series-entry]",
    ),
    (
        "runner",
        "a command to a CI runner",
        "::error::x\n##[error]x\ndemo/one.patch\n",
        "'::error::x': a patch's name has letters, digits and . _ - + @ only [series-entry]",
    ),
    (
        "bytes",
        "bytes that are no text",
        b"\xff\xfe\x80demo/one.patch\n",
        "1: error: the file begins with a byte order mark; remove it [encoding]",
    ),
    (
        "utf16",
        "UTF-16",
        "demo/one.patch\n".encode("utf-16"),
        "1: error: the file begins with a byte order mark; remove it [encoding]",
    ),
    (
        "cr",
        "carriage returns",
        "demo/one.patch\r\ndemo/one.patch\r",
        "1: error: the line ends in CR LF; end it in LF [crlf]",
    ),
    (
        "case",
        "names that differ in case",
        "demo/one.patch\ndemo/ONE.patch\n",
        "2: error: patches/demo/ONE.patch: no such file",
    ),
    (
        "normal",
        "names that differ in normal form",
        "demo/\u00e9.patch\ndemo/e\u0301.patch\n",
        "a patch's name has letters, digits and . _ - + @ only [series-entry]",
    ),
    (
        "backslash",
        "backslashes",
        "demo\\one.patch\n..\\..\\x.patch\n",
        "'..\\..\\x.patch': the path has a backslash",
    ),
    ("blank", "a name that is an option", "-p1\n--help\n", "1: error: '-p1': a patch's name ends in .patch"),
    (
        "shell",
        "names that a shell would run",
        "demo/$(id).patch\n`id`.patch\n;id\n",
        "'demo/$(id).patch': a patch's name has letters, digits and . _ - + @ only [series-entry]",
    ),
]
for name, does, text, says in SERIES:
    add(f"series-{name}", [PULL_REQUEST], f"series/2024.1 has {does}.", series, text, says)


def series_node(w, make, says):
    w.remove("series/2024.1")
    make(w.at("series/2024.1"))
    refused_series(w, says)


for name, way, does, make, says in (
    ("pipe", ARTIFACT, "is a pipe", os.mkfifo, "not a regular file [file-type]"),
    ("hole", ARTIFACT, "has 3 GB", planting.hole, "3221225472 bytes; 1048576 is the most [file-size]"),
    ("folder", ARTIFACT, "is a folder", os.mkdir, "not a regular file [file-type]"),
):
    add(f"series-{name}", [way], f"series/2024.1 {does}.", series_node, make, says)


@case(PULL_REQUEST)
def series_comments(w):
    """series/2024.1 has a hundred thousand comments with one patch: nothing is wrong with that."""
    w.write("series/2024.1", "# x\n" * 100_000 + "demo/one.patch\n")
    w.then("fetch-from check export lint show", 0)


@case(PULL_REQUEST)
def series_gone(w):
    """`series` is a file."""
    w.remove("series")
    w.write("series", "x")
    w.refused(
        "series/upstream.lock: error: series is a symbolic link or no folder",
        code=2,
        labels="check apply lint",
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
        "\udcff\udcfe",
    ):
        w.write(f"series/{name}", "demo/one.patch\n")
    w.then("fetch-from check export report-html lint show", 0)


def lock(w, make, says):
    w.write("series/upstream.lock", make(w))
    w.refused("series/upstream.lock", says, code=2, labels="fetch check apply")


def line(w, **changes):
    return good.lock_line(w.names | changes.pop("names", {}), **changes)


LOCKS = [
    ("huge", "thirty megabytes", lambda w: line(w) * (30 << 13), "1048576 is the most [file-size]"),
    (
        "long",
        "a line of half a megabyte",
        lambda w: line(w).rstrip() + " " + "x" * (1 << 19) + "\n",
        "1: error: not of the form 'RELEASE PROJECT SOURCE COMMIT TREE [sha256:DIGEST]' [lock-form]",
    ),
    ("twice", "a stack twice", lambda w: line(w) * 2, "2: error: 2024.1/demo is locked twice [lock-twice]"),
    (
        "sdist-path",
        "an archive's version that is a path or an option",
        lambda w: line(w, source="sdist:../../x", digest=" sha256:" + "a" * 64)
        + line(w, source="sdist:--index-url=x", digest=" sha256:" + "a" * 64),
        "2: error: not of the form 'RELEASE PROJECT SOURCE COMMIT TREE [sha256:DIGEST]' [lock-form]",
    ),
    (
        "ref-option",
        "a reference that is an option",
        lambda w: line(w, source="git:--upload-pack=x"),
        "1: error: not of the form 'RELEASE PROJECT SOURCE COMMIT TREE [sha256:DIGEST]' [lock-form]",
    ),
    (
        "ref-up",
        "a reference that leaves refs",
        lambda w: line(w, source="git:../../outside/x"),
        "1: error: not of the form 'RELEASE PROJECT SOURCE COMMIT TREE [sha256:DIGEST]' [lock-form]",
    ),
    (
        "password",
        "an address with a password as reference",
        lambda w: line(w, source="git:https://u:word-4712@127.0.0.1:9/x"),
        "1: error: not of the form 'RELEASE PROJECT SOURCE COMMIT TREE [sha256:DIGEST]' [lock-form]",
    ),
    (
        "control",
        "escape sequences",
        lambda w: line(w, source="git:\x1b[31mred") + "::error::x\n",
        "2: error: not of the form 'RELEASE PROJECT SOURCE COMMIT TREE [sha256:DIGEST]' [lock-form]",
    ),
    (
        "short",
        "short, long and upper-case names",
        lambda w: f"2024.1 demo git:x abc def\n2024.1 demo git:x {'A' * 41} {'B' * 64}\n",
        "2: error: not of the form 'RELEASE PROJECT SOURCE COMMIT TREE [sha256:DIGEST]' [lock-form]",
    ),
    (
        "stack",
        "a stack that is a path",
        lambda w: line(w).replace("demo", "../../x") + line(w).replace("2024.1", "../x"),
        "2: error: not of the form 'RELEASE PROJECT SOURCE COMMIT TREE [sha256:DIGEST]' [lock-form]",
    ),
    (
        "bytes",
        "bytes that are no text",
        lambda w: b"\xff\xfe\x00\n" + line(w).encode(),
        "1: error: not of the form 'RELEASE PROJECT SOURCE COMMIT TREE [sha256:DIGEST]' [lock-form]",
    ),
    (
        "digest",
        "digests of the wrong form",
        lambda w: line(w, digest=" sha256:../../x") + line(w, digest=" md5:" + "a" * 32),
        "2: error: not of the form 'RELEASE PROJECT SOURCE COMMIT TREE [sha256:DIGEST]' [lock-form]",
    ),
]
WRONG = [
    (
        "sdist",
        "an archive where the project is of git",
        lambda w: line(w, source="sdist:1.0", digest=" sha256:" + "a" * 64),
        "2024.1/demo is locked to sdist:1.0, which that source does not have",
    ),
    (
        "sdist-bare",
        "an archive without a digest",
        lambda w: line(w, source="sdist:1.0"),
        "2024.1/demo is locked to sdist:1.0, which that source does not have",
    ),
    (
        "zero",
        "names of zeros",
        lambda w: line(w, names={"locked": "0" * 40, "tree": "0" * 40}),
        "not our ref 0000",
    ),
    (
        "other-tree",
        "the commit's tree as another one",
        lambda w: line(w, names={"tree": "1" * 40}),
        "has the tree",
    ),
    (
        "kinds",
        "a tree as commit and a commit as tree",
        lambda w: line(w, names={"locked": w.names["tree"], "tree": w.names["locked"]}),
        "is not usable",
    ),
    (
        "private",
        "a commit that only a private clone has",
        lambda w: line(w, names={"locked": w.names["private"], "tree": w.names["private_tree"]}),
        "not our ref",
    ),
]


def wrong(w, make, says):
    """A lock of the right form that names what is not there."""
    w.write("series/upstream.lock", make(w))
    w.then("fetch-from", 5, says)
    w.then("check export", 5, "not fetched")


for name, does, make, says in LOCKS:
    add(f"lock-{name}", [PULL_REQUEST], f"series/upstream.lock has {does}.", lock, make, says)
for name, does, make, says in WRONG:
    add(f"lock-{name}", [PULL_REQUEST], f"series/upstream.lock has {does}.", wrong, make, says)


@case(PULL_REQUEST)
def lock_others(w):
    """series/upstream.lock has five thousand stacks that are not there, and not the one that is."""
    w.write("series/upstream.lock", "".join(line(w).replace(" demo ", f" demo{n} ") for n in range(5000)))
    w.then("fetch", 5, "could not list the refs of https://127.0.0.1:9/demo")
    w.then("fetch-from check", 0)


@case(ARTIFACT)
def lock_pipe(w):
    """series/upstream.lock is a pipe."""
    w.fifo("series/upstream.lock")
    w.refused("series/upstream.lock: error: not a regular file", code=2, labels="check fetch-from")


@case(ARTIFACT)
def lock_hole(w):
    """series/upstream.lock has 3 GB."""
    w.hole("series/upstream.lock")
    w.refused("series/upstream.lock: error: 3221225472 bytes", code=2, labels="check fetch-from")


def patch(w, make, says):
    """A patch that is refused as soon as it is read."""
    w.write("patches/demo/one.patch", make() if callable(make) else make)
    w.then("fetch-from", 0)
    w.then("check show", 2, "patches/demo/one.patch", says)
    w.then("lint", 1, "patches/demo/one.patch", says)
    w.then("report-html", 0)


def patch_that_fails(w, data, says):
    """A patch that does not apply."""
    w.write("patches/demo/one.patch", data)
    w.then("fetch-from", 0)
    w.then("check apply export", 1, says)
    w.then("report-html show", 0)


def patch_that_applies(w, make, lint, says):
    """A patch whose words are shown escaped."""
    w.write("patches/demo/one.patch", make() if callable(make) else make)
    w.then("fetch-from check apply export report-html", 0)
    w.then("lint", lint)
    w.then("show", 0, says)


def raw(*lines):
    return good.mail("demo: x", "\n".join(lines) + "\n")


def section(path, mode="100644", content="evil"):
    return good.mail("demo: x", good.addition(path, content + "\n", mode))


PATCHES = [
    (
        "git-hook",
        "writes a hook",
        section(".git/hooks/post-checkout", "100755"),
        "'.git/hooks/post-checkout': the path names a .git directory [path]",
    ),
    (
        "git-case",
        "writes .GiT/config",
        section(".GiT/config"),
        "'.GiT/config': the path names a .git directory [path]",
    ),
    (
        "git-below",
        "writes demo/.git/config",
        section("demo/.git/config"),
        "'demo/.git/config': the path names a .git directory [path]",
    ),
    (
        "git-mark",
        "writes .git with a mark in it",
        section(".g\u200cit/config"),
        "'.g\\u{200c}it/config': the path names a .git directory [path]",
    ),
    (
        "up",
        "writes ../../outside",
        section("../../../outside/precious"),
        "the path has a '.' or '..' component",
    ),
    ("absolute", "writes an absolute path", section("/tmp/x"), "'/tmp/x': the path is absolute"),
    (
        "setid",
        "makes a program that runs as its owner",
        section("tool", "104755"),
        "mode '104755' is none of 100644, 100755 and 120000 [mode]",
    ),
    ("device", "makes a device", section("dev", "020644"), "mode '020644' is none of"),
    (
        "gitlink",
        "makes a submodule",
        section("sub", "160000", "Subproject commit " + "a" * 40),
        "a change of a submodule; a stack carries files only [submodule]",
    ),
    (
        "names",
        "has names with escape sequences",
        section("a\x1b[31m\x07b"),
        "'a\\u{1b}[31m\\u{7}b': the path has a control character",
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
        "13: error: not a hunk header of the form",
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
        "the path has 50000 bytes; 4095 i",
    ),
    (
        "nested-name",
        "has a name of a thousand folders",
        lambda: section("/".join(["d"] * 1000)),
        "the path has 1000 components; 512 i",
    ),
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
        "14: error: the size of the binary data is no number [binary]",
    ),
    (
        "huge",
        "has twenty megabytes of one line",
        lambda: good.mail("demo: x", "x" * (20 << 20)),
        "bytes above the first section; 1048576 is the most [patch-size]",
    ),
    (
        "lines",
        "has three hundred thousand blank lines",
        lambda: good.mail("demo: x", "\n" * 300_000),
        "1: error: no patch in this file [no-patch]",
    ),
    ("garbage", "is no text", b"\xff\x00\xfe" * 10_000, "1: error: no patch in this file [no-patch]"),
    ("empty", "is empty", b"", "1: error: the file is empty [no-patch]"),
    (
        "headers",
        "has a hundred thousand header lines",
        lambda: b"X-A: b\n" * 100_000 + good.mail("demo: x", good.change()),
        "no patch before the mail on line 100001",
    ),
    (
        "archive",
        "is an archive",
        lambda: b"\x1f\x8b\x08" + b"\x00" * 1000,
        "1: error: no patch in this file [no-patch]",
    ),
]
LINKS = [
    (
        "link-out",
        "makes a link that leads out",
        section("l", "120000", "../../../outside/precious").replace(
            b"+../../../outside/precious\n", b"+../../../outside/precious\n\\ No newline at end of file\n"
        ),
        "l: the link's target leaves the tree [link-target]",
    ),
    (
        "link-absolute",
        "makes an absolute link",
        section("l", "120000", "/etc/passwd").replace(
            b"+/etc/passwd\n", b"+/etc/passwd\n\\ No newline at end of file\n"
        ),
        "[link-target]",
    ),
    (
        "below-link",
        "makes a link and a file below it",
        good.mail(
            "demo: x",
            good.addition("l", "demo\n", "120000").replace("+demo\n", "+demo\n\\ No newline at end of file\n")
            + good.addition("l/precious"),
        ),
        "l: there is a directory of that name in the tree [file-is-directory]",
    ),
]
PLAIN = [
    (
        "control",
        "has escape sequences in its letter",
        lambda: good.mail("demo: \x1b[31mred\x07 ::error::x", good.change()),
        0,
        "\\u{1b}[31mred\\u{7} ::error::x",
    ),
    (
        "author",
        "has an author with escape sequences",
        lambda: good.mail("demo: x", good.change()).replace(
            b"From: a <a@x>", b"From: \x1b]0;x\x07 <a@x\x1b[31m>"
        ),
        0,
        "\\u{1b}",
    ),
    (
        "runner",
        "has a command to a runner in its message",
        lambda: good.mail("demo: x", good.change()).replace(
            b"Words", b"::error::x\n##[error]y\n::set-output name=x::y\nWords"
        ),
        0,
        "\\u{3a}:error::x",
    ),
    (
        "own-files",
        "writes .kerb and src of the upstream tree",
        good.mail("demo: x", good.addition(".kerb/x") + good.addition("src/y")),
        0,
        ".kerb/x",
    ),
    (
        "attributes",
        "adds attributes with filters",
        good.mail(
            "demo: x",
            good.addition(".gitattributes", "* filter=x diff=x\n")
            + good.addition(".gitmodules", '[submodule "demo"]\n\tpath = demo\n\tupdate = !id\n'),
        ),
        1,
        ".gitattributes",
    ),
]
for name, does, make, says in PATCHES:
    add(f"patch-{name}", [PULL_REQUEST], f"A patch {does}.", patch, make, says)
for name, does, data, says in LINKS:
    add(f"patch-{name}", [PULL_REQUEST], f"A patch {does}.", patch_that_fails, data, says)
for name, does, make, lint, says in PLAIN:
    add(f"patch-{name}", [PULL_REQUEST], f"A patch {does}.", patch_that_applies, make, lint, says)


@case(ARTIFACT)
def patch_nodes(w):
    """A patch is a pipe, has 3 GB, is a folder."""
    place = "patches/demo/one.patch"
    w.run("fetch-from", 0)
    for make, says in (
        (w.fifo, "not a regular file"),
        (w.hole, "3221225472 bytes"),
        (w.folder, "not a regular file"),
    ):
        w.remove(place)
        make(place)
        for label in ("check", "export", "show"):
            w.run(label, 2, place, says)
        w.run("lint", 1, place, says)


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
        "\udcff\udcfe.patch",
    ):
        w.write(f"patches/demo/{name}", "x")
    w.then("fetch-from check apply report-html status", 0)
    w.then("lint", 1)
    w.then("fmt", 2)
