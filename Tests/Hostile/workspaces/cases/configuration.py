"""kerb.yaml: bombs, addresses, names and patterns."""

import good
from cases import ARTIFACT, CACHE, PULL_REQUEST, add, case


def yaml(w, text):
    w.write("kerb.yaml", text)


def bomb(w, make, says):
    yaml(w, make() if callable(make) else make)
    w.refused("kerb.yaml", says, code=2, labels="check fetch")


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
)
ANCHORS, DEEP = (
    "anchors and aliases are not taken; write it out [config-anchor]",
    "more than 16 lists and mappings in each other [config-size]",
)
TOO_LARGE = "1048576 is the most [file-size]"
BOMBS = [
    ("laughs", "aliases that multiply", LAUGHS, ANCHORS),
    ("laughs-tabs", "aliases behind tabs", "version: 1\na:\t&x [1]\nb:\t*x\n", ANCHORS),
    (
        "alias-key",
        "an alias as a key, nested",
        "version: 1\na: &a {? [b, b] : c}\n"
        + "".join(f"? *a\n: &a{n} {{? *a : [*a, *a]}}\n" for n in range(12)),
        ANCHORS,
    ),
    ("anchor-flow", "anchors in flow collections", "{version: 1, a: [&x 1, *x], ? &y b : *y}\n", ANCHORS),
    ("merge", "merge keys", "version: 1\nx: &x {a: 1}\ny:\n  <<: *x\n  <<: [*x, *x]\n", ANCHORS),
    (
        "anchor-comment",
        "an anchor behind what looks like a comment",
        "version: 1\na: '#' \n#\nb: !!str &x x\nc: *x\n",
        ANCHORS,
    ),
    (
        "anchor-bom",
        "an anchor after a byte order mark",
        "\ufeffversion: 1\na: &x [1]\nb: [*x, *x]\n",
        ANCHORS,
    ),
    ("deep-flow", "a hundred thousand brackets", lambda: "version: " + "[" * 100_000, DEEP),
    ("deep-braces", "a hundred thousand braces", lambda: "a: " + "{a: " * 100_000, DEEP),
    ("deep-lists", "fifty thousand lists in a line", lambda: "version:\n " + "- " * 50_000 + "x\n", DEEP),
    (
        "deep-indent",
        "a thousand levels of indentation",
        lambda: "".join(" " * n + "a:\n" for n in range(1000)),
        DEEP,
    ),
    (
        "keys",
        "a hundred thousand keys",
        lambda: "version: 1\n" + "".join(f"k{n}: 1\n" for n in range(100_000)),
        "more than 50000 texts, lists and mappings [config-size]",
    ),
    (
        "long-key",
        "a key of a megabyte",
        lambda: "x" * (1 << 20) + ": 1\n",
        "1048580 bytes; 1048576 is the most [file-size]",
    ),
    (
        "question",
        "a hundred thousand question marks",
        lambda: "? " * 100_000,
        "a key is a text; put it in quotes",
    ),
    (
        "long",
        "a scalar of twenty megabytes",
        lambda: "version: 1\nversion_label: " + "x" * (20 << 20) + "\n",
        TOO_LARGE,
    ),
    (
        "comment",
        "thirty megabytes of comments",
        lambda: "# " + "x\n# " * (10 << 20) + "\nversion: 1\n",
        TOO_LARGE,
    ),
    (
        "directives",
        "directives and many documents",
        "%YAML 9.9\n%TAG ! tag:x,2000:\n---\nversion: 1\n---\nversion: 1\n" + "---\n" * 1000,
        "'%TAG' is not taken",
    ),
    (
        "tags",
        "tags of other languages",
        "version: !!python/object/apply:os.system ['id']\nreleases: !ruby/object:X {}\nprojects: !!binary x\n",
        "tags ('!…') are not taken",
    ),
    (
        "bytes",
        "bytes that are no text",
        b"version: 1\n\xff\xfe\x00\x01: \x80\n",
        "2: error: the line is not UTF-8",
    ),
    ("nul", "a NUL", b'version: 1\nreleases: ["2024.1\x00"]\n', "2: error: a NUL byte"),
    ("utf16", "UTF-16", "version: 1\n".encode("utf-16"), "UTF-16's byte order mark"),
    (
        "escape",
        "escape sequences in keys",
        'version: 1\n"\\e[31m::error::x": 1\n"\\n::error::y": 2\n',
        "'\\u{1b}[31m::error::x' is none of",
    ),
    (
        "twice",
        "keys twice",
        'version: 1\nversion: 1\nreleases: ["2024.1"]\nprojects: {demo: {git: https://x/y}}\nprojects: {}\n',
        "'version' is on line 1 already",
    ),
    ("empty", "nothing", "", "the file is no mapping"),
    (
        "types",
        "wrong types everywhere",
        "version: {}\nreleases: 1\nprojects: [1, {a: []}]\n",
        "3: error: 'projects' is a mapping",
    ),
    (
        "numbers",
        "numbers without end",
        "version: 1e99999999\nreleases: [0x" + "f" * 10_000 + ", .nan, .inf]\nprojects: {}\n",
        "2: error: a release is named like",
    ),
    (
        "block",
        "a block scalar with a strange indicator",
        "version: |99999999999\n x\nreleases: >-9\n y\n",
        "not readable as YAML",
    ),
]
for name, does, make, says in BOMBS:
    add(f"yaml-{name}", [PULL_REQUEST], f"kerb.yaml has {does}.", bomb, make, says)

SCHEMES, PLAIN = (
    "only https://, ssh:// and git:// addresses are taken",
    "the address has a character that no plain URL needs",
)
PASSWORD, USER = "the address has a password; ", "the address has a user or a token; write"
INCOMPLETE = "the address has no host or no path"
ADDRESSES = [
    ("ext::{payload}", SCHEMES),
    ("ext::sh -c {payload}", PLAIN),
    ("file://{outside}/private.git", SCHEMES),
    ("{outside}/private.git", SCHEMES),
    ("../outside/private.git", SCHEMES),
    ("-oProxyCommand={payload}", PLAIN),
    ("--upload-pack={payload}", PLAIN),
    ("ssh://-oProxyCommand={payload}/x", PLAIN),
    ("ssh://x@-oProxyCommand={payload}/x", PLAIN),
    ("ssh://[-oProxyCommand={payload}]/x", PLAIN),
    ("-u{payload}:x", SCHEMES),
    ("git@-oProxyCommand={payload}:x", PLAIN),
    ("fd::17", SCHEMES),
    ("transport::https://127.0.0.1:9/x", SCHEMES),
    ("https://127.0.0.1:9/demo\\n::error::x", PLAIN),
    ("https://127.0.0.1:9/\\e[31m", PLAIN),
    ("git+ssh://127.0.0.1/x", SCHEMES),
    ("http://127.0.0.1:9/demo", SCHEMES),
    ("ftp://127.0.0.1:9/x", SCHEMES),
    ("https://", INCOMPLETE),
    ("https:///x", INCOMPLETE),
    ("https://user:SECRET-4711-word@127.0.0.1:9/demo", PASSWORD),
    ("https://SECRET-4711-token@127.0.0.1:9/demo", USER),
    ("https://127.0.0.1:9/demo?token=SECRET-4711-query", PLAIN),
    ("ssh://user:SECRET-4711-word@127.0.0.1:9/demo", PASSWORD),
    ("C:\\\\x", PLAIN),
    ("https://127.0.0.1:9/demo --upload-pack=x", PLAIN),
    ("https://127.0.0.1%0a:9/x", PLAIN),
    ("https://127.0.0.1:9/../../x", "the address has a '..'"),
    ("rsync://x/y", SCHEMES),
    ("::", SCHEMES),
    (" ext::{payload}", PLAIN),
]


def address(w, value):
    yaml(
        w,
        good.CONFIGURATION.replace(
            "https://127.0.0.1:9/demo", '"' + value.format(payload=w.payload, outside=w.outside) + '"'
        ),
    )
    w.lock_unknown()


@case(PULL_REQUEST)
def yaml_addresses(w):
    """The project's address runs a command, names a local file, is an option, has a password, breaks lines."""
    w.publish()
    w.site = w.ws
    for value, says in ADDRESSES:
        address(w, value)
        w.run("fetch", 2, "kerb.yaml:5: error: ", says)
    for label in ("rebase-network", "check"):
        w.run(label, 2, "kerb.yaml:5: error: ")
    address(w, "https://127.0.0.1:99999/x")
    w.run("fetch", 5, "git could not fetch stable/2024.1 from https://127.0.0.1:99999/x")
    w.run("rebase-network", 5, "git could not list the refs of https://127.0.0.1:99999/x")
    # The file itself has words that look like secrets.
    address(w, "https://127.0.0.1:9/demo")


PROJECT = 'version: 1\nreleases: ["2024.1"]\nprojects:\n  {name}:\n    git: https://127.0.0.1:9/demo\n'
PROJECTS = [
    '"../x"',
    '".git"',
    '"-x"',
    '"a/b"',
    '"/abs"',
    '"."',
    '".."',
    '"x\\n::error::y"',
    '"\\e[31m"',
    '"demo "',
    '"' + "x" * 300 + '"',
    '"\\u202e"',
]
RELEASES = [
    '"../../x"',
    '"2024.1/../../x"',
    '".git"',
    '"-x"',
    '"2024.1\\n::error::x"',
    '"99999999999999999999.1"',
    '"2024.1 "',
    '"\\u0662\\u0660\\u0662\\u0664.1"',
]


@case(ARTIFACT)
def yaml_names(w):
    """Projects and releases are called like paths, options, git's own folders, and escape sequences."""
    for name in PROJECTS:
        yaml(w, PROJECT.replace("{name}", name))
        w.run("check", 2, "kerb.yaml:4: error: a project's name has letters, digits and . _ - only [config]")
    w.run("fetch-from", 2, "kerb.yaml:4: error: a project's name")
    for name in RELEASES:
        yaml(w, good.CONFIGURATION.replace('"2024.1"', name))
        w.run(
            "check", 2, 'kerb.yaml:2: error: a release is named like "2024.1", in quotes, or master [config]'
        )
    w.run("fetch-from", 2, "kerb.yaml:2: error: a release is named like")


@case(CACHE)
def yaml_label(w):
    """The label of exported archives is a path, an option, an escape sequence."""
    for value in (
        "/../../outside/x",
        "..",
        "-x",
        "a/b",
        "\\e[31m",
        "x\\n::error::y",
        "x" * 5000,
        "$(id)",
        "",
    ):
        yaml(w, good.CONFIGURATION + f'version_label: "{value}"\n')
        w.run("export", 2, "kerb.yaml:6: error: a version's label has lower-case letters and digits")


@case(PULL_REQUEST)
def yaml_verify(w):
    """kerb.yaml lists programs as proofs: no verb but exec runs them."""
    yaml(
        w,
        good.CONFIGURATION
        + f'    verify:\n      - {{run: [{w.payload}], each: true}}\n      - {{run: ["{{workspace}}/build.sh"]}}\n',
    )
    w.write("build.sh", w.payload.read_bytes(), 0o755)
    w.then("fetch-from fetch check apply export report-html lint status rebase undo series show fmt", 0)


@case(ARTIFACT)
def yaml_images(w):
    """Sections of images are paths and escape sequences."""
    for value in ("../../x", "\\e[31m", "a]\\n[b"):
        yaml(w, good.CONFIGURATION + f'    image_sources: ["{value}"]\n')
        w.run("check", 2, "kerb.yaml:6: error: the name of an archive has letters, digits and . _ - only")
    w.then("images fetch-from", 2, "kerb.yaml:6: error: ")


# `m` is in upstream's tree, so the counter is there, and `r` is looked at.
COUNTER = """counters:
  c:
    title: "{title}"
    order: {order}
    limits: "{limits}"
    readings:
      - {{name: m, role: maximum, files: "demo/main.txt", lines: ["{{value:number}}{{end}}"]}}
      - name: r
        role: entry
        files: "{files}"
        lines: ["{lines}"]
"""


def counter(w, order="ascending", limits="x", files="demo/{}", lines="{value}", title="t"):
    fields = {"order": order, "limits": limits, "files": files, "lines": lines, "title": title}
    yaml(w, good.CONFIGURATION + COUNTER.format(**fields).replace("{{", "{").replace("}}", "}"))


@case(CACHE)
def yaml_limits(w):
    """The limits of a counter are files outside, by a path, a link, a pattern."""
    w.write("limits", "demo==1\n")
    counter(w, "floor", "limits", lines="{identity}=={value}")
    w.run("microversion-all", 0)
    w.link("lim", w.outside / "secret")
    w.link("way", w.outside)
    for limits, says in (
        ("lim", "lim: error: a symbolic link; kerb follows none in a workspace"),
        ("way/secret", "way/secret: error: way is a symbolic link or no folder; kerb follows no links"),
        ("../outside/secret", "the path has a '.' or '..' component"),
        ("lim/{project}/../../outside/secret", "the path has a '.' or '..' component"),
        (str(w.outside / "secret"), "the path is absolute"),
        (".git/config", "the path names a .git directory"),
        ("/dev/zero", "the path is absolute"),
    ):
        counter(w, "floor", limits, lines="{identity}=={value}")
        w.run("microversion-all", 2, says)


@case(CACHE)
def yaml_patterns(w):
    """Patterns of counters have many holes, against long lines of upstream: no backtracking."""
    objects = w.upstream()
    lines = ("a" * 1990 + "\n").encode() * 200
    inner = objects.tree(
        [
            ("100644", b"main.txt", objects.blob(good.text(good.LINES))),
            ("100644", b"big.txt", objects.blob(lines)),
        ]
    )
    tree = objects.tree([("100644", b"README", objects.blob(b"readme\n")), ("40000", b"demo", inner)])
    commit = objects.commit(tree)
    objects.reference("refs/heads/stable/2024.1", commit)
    w.lock(commit, tree)
    w.run("fetch-from", 0)
    for files, pattern, code in (
        ("demo/{}", "{value:number}", 0),
        ("demo/{}", "{}a" * 20 + "{value:word}b", 0),
        ("demo/{}", "{}a{}a{}a{}a{}a{}a" * 4 + "{value:word}{end}z", 0),
        ("{}m" * 20, "{}" * 30 + "z{value}", 0),
        ("{}" * 50, "{value}" * 50, 0),
        ("demo/{}", "{" * 10_000, 2),
        ("demo/{name}" * 20, "{quote}{value}{quote}" * 20, 0),
    ):
        counter(w, files=files, lines=pattern)
        if w.run("microversion-all", code).hung:
            break


@case(CACHE)
def yaml_patterns_times_lines(w):
    """Hundreds of patterns with many holes, and a patch with thousands of lines that each of them fits nowhere."""
    reading = '{name: r, role: maximum, files: "demo/{}", lines: ["' + "{}a" * 31 + '{value:word}b"]}'
    many = "\n".join("      - " + reading for _ in range(240))
    yaml(w, good.CONFIGURATION + f"counters:\n  c0:\n    title: t\n    order: ascending\n    readings:\n{many}\n")
    many_lines = "".join("a" * 1900 + "\n" for _ in range(60))
    w.write("patches/demo/one.patch", good.mail("demo: many", good.addition("demo/long", many_lines)))
    w.then("microversion-all", 2, "the patterns of counters, up to those of 'c0', would be held against too much")


@case(CACHE)
def yaml_counter_words(w):
    """Titles and values of counters have escape sequences."""
    counter(w, title="\\e[31m::error::x\\u202e")
    w.run("microversion-all", 0)
    w.run("microversion-all", 0, "31m::error::x", command=["microversion", "--all", "--json"])
    counter(w, limits="\\n::error::y")
    w.run("microversion-all", 2, "kerb.yaml:10: error: 'limits' is the path of a file in the workspace")


@case(CACHE)
def yaml_counters_many(w):
    """There are four hundred counters for each of a thousand projects, whose limits are files with their names."""
    projects = "".join(f"  p{n}:\n    git: https://127.0.0.1:9/p\n" for n in range(999))
    reading = '{name: r, role: maximum, files: "demo/main.txt", lines: ["{value:number}{end}"]}'
    counters = "".join(
        f'  c{n}:\n    title: t\n    order: floor\n    limits: "lim/{{project}}-{{release}}.txt"\n'
        f"    readings:\n      - {reading}\n"
        for n in range(250)
    )
    more = "".join(
        f'  d{n}:\n    title: t\n    order: floor\n    limits: "lim/{{project}}-{{release}}.txt"\n'
        '    readings:\n      - {name: r, files: "demo/{identity}/{value}"}\n'
        for n in range(400)
    )
    yaml(w, good.CONFIGURATION + projects + "counters:\n" + more)
    w.run("check", 0)
    w.run("microversion-all", 2, "nothing was examined")
    yaml(w, good.CONFIGURATION + projects + "counters:\n" + counters)
    w.run("microversion-all", 0)
    yaml(w, good.CONFIGURATION + projects + "counters:\n" + counters + more)
    w.run("check", 2, "more than 500 patterns of counters [config]")
    yaml(w, good.CONFIGURATION + projects + "  p999:\n    git: https://127.0.0.1:9/p\n")
    w.run("check", 2, "1001 keys; 1000 is the most [config]")


@case(ARTIFACT)
def yaml_nodes(w):
    """kerb.yaml is a pipe, has 3 GB, is a folder, a link, is gone."""
    for make, says in (
        (w.fifo, "kerb.yaml: error: not a regular file [file-type]"),
        (w.hole, "kerb.yaml: error: 3221225472 bytes; 1048576 is the most [file-size]"),
        (w.folder, "kerb.yaml: error: not a regular file [file-type]"),
        (
            lambda p: w.link(p, "/dev/zero"),
            "kerb.yaml: error: a symbolic link; kerb follows none in a workspace",
        ),
    ):
        w.remove("kerb.yaml")
        make("kerb.yaml")
        for label in ("check", "fetch-from", "lint", "fmt"):
            w.run(label, 2, says)
        # The log needs no configuration.
        w.run("log", 0)
        w.run("undo", 2, "there is no operation to undo")
    w.remove("kerb.yaml")
    w.run("check", 2, "kerb.yaml")


@case(ARTIFACT)
def yaml_unreadable(w):
    """kerb.yaml, a series and a patch cannot be read."""
    w.at("series/2024.1").chmod(0)
    w.at("patches/demo/one.patch").chmod(0)
    w.run("check", 2, "series/2024.1: error: Permission denied")
    w.run("lint", 1, "series/2024.1: error: Permission denied")
    w.run("fetch-from", 2, "series/2024.1: error: Permission denied")
    w.at("kerb.yaml").chmod(0)
    w.before = None
    w.run("check", 2, "kerb.yaml: error: Permission denied")
