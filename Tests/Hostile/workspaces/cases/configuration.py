"""kerb.yaml: bombs, addresses, names and patterns."""

import os

import good
from cases import ARTIFACT, PULL_REQUEST, add, case

FAST = ["check", "fetch", "status"]
REFUSED = {2}


def yaml(w, text):
    w.write("kerb.yaml", text)


def bomb(w, make):
    yaml(w, make() if callable(make) else make)
    w.verbs = FAST
    w.exits = {v: REFUSED for v in FAST}


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
)
BOMBS = [
    ("laughs", "aliases that multiply", LAUGHS),
    ("laughs-tabs", "aliases behind tabs", "version: 1\na:\t&x [1]\nb:\t*x\n"),
    (
        "alias-key",
        "an alias as a key, nested",
        "version: 1\na: &a {? [b, b] : c}\n"
        + "".join(f"? *a\n: &a{n} {{? *a : [*a, *a]}}\n" for n in range(12)),
    ),
    ("anchor-flow", "anchors in flow collections", "{version: 1, a: [&x 1, *x], ? &y b : *y}\n"),
    ("merge", "merge keys", "version: 1\nx: &x {a: 1}\ny:\n  <<: *x\n  <<: [*x, *x]\n"),
    (
        "anchor-comment",
        "an anchor behind what looks like a comment",
        "version: 1\na: '#' \n#\nb: !!str &x x\nc: *x\n",
    ),
    ("anchor-bom", "an anchor after a byte order mark", "\ufeffversion: 1\na: &x [1]\nb: [*x, *x]\n"),
    ("deep-flow", "a hundred thousand brackets", lambda: "version: " + "[" * 100_000),
    ("deep-braces", "a hundred thousand braces", lambda: "a: " + "{a: " * 100_000),
    ("deep-lists", "fifty thousand lists in a line", lambda: "version:\n " + "- " * 50_000 + "x\n"),
    (
        "deep-indent",
        "a thousand levels of indentation",
        lambda: "".join(" " * n + "a:\n" for n in range(1000)),
    ),
    (
        "keys",
        "a hundred thousand keys",
        lambda: "version: 1\n" + "".join(f"k{n}: 1\n" for n in range(100_000)),
    ),
    ("long-key", "a key of a megabyte", lambda: "x" * (1 << 20) + ": 1\n"),
    ("question", "a hundred thousand question marks", lambda: "? " * 100_000),
    ("long", "a scalar of twenty megabytes", lambda: "version: 1\nversion_label: " + "x" * (20 << 20) + "\n"),
    ("comment", "thirty megabytes of comments", lambda: "# " + "x\n# " * (10 << 20) + "\nversion: 1\n"),
    (
        "directives",
        "directives and many documents",
        "%YAML 9.9\n%TAG ! tag:x,2000:\n---\nversion: 1\n---\nversion: 1\n" + "---\n" * 1000,
    ),
    (
        "tags",
        "tags of other languages",
        "version: !!python/object/apply:os.system ['id']\nreleases: !ruby/object:X {}\nprojects: !!binary x\n",
    ),
    ("bytes", "bytes that are no text", b"version: 1\n\xff\xfe\x00\x01: \x80\n"),
    ("nul", "a NUL", b'version: 1\nreleases: ["2024.1\x00"]\n'),
    ("utf16", "UTF-16", "version: 1\n".encode("utf-16")),
    ("escape", "escape sequences in keys", 'version: 1\n"\\e[31m::error::x": 1\n"\\n::error::y": 2\n'),
    (
        "twice",
        "keys twice",
        'version: 1\nversion: 1\nreleases: ["2024.1"]\nprojects: {demo: {git: https://x/y}}\nprojects: {}\n',
    ),
    ("empty", "nothing", ""),
    ("types", "wrong types everywhere", "version: {}\nreleases: 1\nprojects: [1, {a: []}]\n"),
    (
        "numbers",
        "numbers without end",
        "version: 1e99999999\nreleases: [0x" + "f" * 10_000 + ", .nan, .inf]\nprojects: {}\n",
    ),
    ("block", "a block scalar with a strange indicator", "version: |99999999999\n x\nreleases: >-9\n y\n"),
]
for name, does, make in BOMBS:
    add(f"yaml-{name}", [PULL_REQUEST], f"kerb.yaml has {does}.", bomb, make)

ADDRESSES = [
    "ext::{payload}",
    "ext::sh -c {payload}",
    "file://{outside}/private.git",
    "{outside}/private.git",
    "../outside/private.git",
    "-oProxyCommand={payload}",
    "--upload-pack={payload}",
    "ssh://-oProxyCommand={payload}/x",
    "ssh://x@-oProxyCommand={payload}/x",
    "ssh://[-oProxyCommand={payload}]/x",
    "-u{payload}:x",
    "git@-oProxyCommand={payload}:x",
    "fd::17",
    "transport::https://127.0.0.1:9/x",
    "https://127.0.0.1:9/demo\\n::error::x",
    "https://127.0.0.1:9/\\e[31m",
    "git+ssh://127.0.0.1/x",
    "http://127.0.0.1:9/demo",
    "ftp://127.0.0.1:9/x",
    "https://",
    "https:///x",
    "https://127.0.0.1:99999/x",
    "https://user:SECRET-4711-word@127.0.0.1:9/demo",
    "https://SECRET-4711-token@127.0.0.1:9/demo",
    "https://127.0.0.1:9/demo?token=SECRET-4711-query",
    "ssh://user:SECRET-4711-word@127.0.0.1:9/demo",
    "C:\\\\x",
    "\\\\\\\\x\\\\y",
    "https://127.0.0.1:9/../../x",
    "https://127.0.0.1:9/demo --upload-pack=x",
    "https://127.0.0.1%0a:9/x",
    "rsync://x/y",
    "ipfs://x",
    "::",
    "x::y",
    " ext::{payload}",
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
    for value in ADDRESSES:
        address(w, value)
        for verb in ("fetch", "rebase-network", "status"):
            w.run(verb, ["rebase", good.STACK, "--update"] if verb == "rebase-network" else None)
    # The file itself has words that look like secrets.
    address(w, "https://127.0.0.1:9/demo")
    w.verbs = ["check"]


def refused_value(w, text):
    yaml(w, text)
    w.verbs, w.exits = FAST + ["apply", "export"], {
        v: REFUSED for v in ("check", "apply", "export", "fetch", "status")
    }


PROJECT = 'version: 1\nreleases: ["2024.1"]\nprojects:\n  {name}:\n    git: https://127.0.0.1:9/demo\n'
for number, name in enumerate(
    [
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
):
    add(
        f"yaml-project-{number}",
        [PULL_REQUEST],
        f"A project is called {name[:20]}.",
        refused_value,
        PROJECT.replace("{name}", name),
    )
for number, name in enumerate(
    [
        '"../../x"',
        '"2024.1/../../x"',
        '".git"',
        '"-x"',
        '"2024.1\\n::error::x"',
        '"99999999999999999999.1"',
        '"2024.1 "',
        '"\\u0662\\u0660\\u0662\\u0664.1"',
    ]
):
    add(
        f"yaml-release-{number}",
        [PULL_REQUEST],
        f"A release is called {name[:20]}.",
        refused_value,
        good.CONFIGURATION.replace('"2024.1"', name),
    )


@case(PULL_REQUEST)
def yaml_label(w):
    """The label of exported archives is a path, an option, an escape sequence."""
    w.publish()
    w.site = w.ws
    w.run("fetch-from")
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
        for verb in ("export", "check"):
            w.run(verb)
    w.verbs = ["status"]


@case(PULL_REQUEST)
def yaml_verify(w):
    """kerb.yaml lists programs as proofs: no verb but exec runs them."""
    yaml(
        w,
        good.CONFIGURATION
        + f'    verify:\n      - {{run: [{w.payload}], each: true}}\n      - {{run: ["{{workspace}}/build.sh"]}}\n',
    )
    w.write("build.sh", w.payload.read_bytes(), 0o755)


@case(PULL_REQUEST)
def yaml_images(w):
    """Sections of images are paths and escape sequences."""
    yaml(w, good.CONFIGURATION + '    image_sources: ["../../x", "\\e[31m", "a]\\n[b"]\n')
    w.verbs = ["check", "status", "images", "fetch-from"]
    w.more = {"images": ["images", "2024.1", "--template-only"]}


COUNTER = """counters:
  c:
    title: "{title}"
    order: {order}
    limits: "{limits}"
    readings:
      - name: r
        role: entry
        files: "{files}"
        lines: ["{lines}"]
"""


def counter(w, order="ascending", limits="x", files="demo/{}", lines="{value}", title="t"):
    yaml(
        w,
        good.CONFIGURATION
        + COUNTER.format(
            order=order, limits=limits, files=files.replace("{{", "{{{{"), lines=lines, title=title
        ),
    )


@case(PULL_REQUEST)
def yaml_limits(w):
    """The limits of a counter are files outside, by a path, a link, a pattern."""
    w.publish()
    w.site = w.ws
    w.run("fetch-from")
    w.link("lim", w.outside / "secret")
    w.link("way", w.outside)
    for limits in (
        "../outside/secret",
        str(w.outside / "secret"),
        "lim",
        "way/secret",
        "lim/{project}/../../outside/secret",
        ".git/config",
        "/dev/zero",
    ):
        counter(w, "floor", limits, lines="{identity}=={value}")
        for verb in ("microversion-all", "check"):
            w.run(verb, ["microversion", "--all"] if verb != "check" else None)
    w.verbs = ["status"]


@case(PULL_REQUEST)
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
    w.publish()
    w.site = w.ws
    w.run("fetch-from")
    for files, pattern in (
        ("demo/{}", "{}a" * 20 + "{value:word}b"),
        ("demo/{}", "{}a{}a{}a{}a{}a{}a" * 4 + "{value:word}{end}z"),
        ("{}m" * 20, "{}" * 30 + "z{value}"),
        ("{}" * 50, "{value}" * 50),
        ("demo/{}", "{" * 10_000),
        ("demo/{name}" * 20, "{quote}{value}{quote}" * 20),
    ):
        counter(w, files=files, lines=pattern)
        if w.run("microversion-all", ["microversion", "--all"]).hung:
            break
    w.verbs = ["status"]


@case(PULL_REQUEST)
def yaml_counter_words(w):
    """Titles and values of counters have escape sequences."""
    counter(w, title="\\e[31m::error::x\\u202e", limits="\\n::error::y")
    w.verbs = ["fetch-from", "microversion-all", "check", "status"]
    w.more = {"microversion-all": ["microversion", "--all"]}


@case(ARTIFACT)
def yaml_pipe(w):
    """kerb.yaml is a pipe."""
    w.fifo("kerb.yaml")
    w.every_exits, w.exits = {2, 5}, {verb: {0, 2, 5} for verb in ("log", "undo")}


@case(ARTIFACT)
def yaml_hole(w):
    """kerb.yaml has 3 GB."""
    w.hole("kerb.yaml")
    w.every_exits, w.exits = {2, 5}, {verb: {0, 2, 5} for verb in ("log", "undo")}


@case(ARTIFACT)
def yaml_folder(w):
    """kerb.yaml is a folder."""
    w.remove("kerb.yaml")
    w.folder("kerb.yaml")
    w.every_exits, w.exits = {2, 5}, {verb: {0, 2, 5} for verb in ("log", "undo")}


@case(ARTIFACT)
def yaml_unreadable(w):
    """kerb.yaml, a series and a patch cannot be read."""
    w.at("series/2024.1").chmod(0)
    w.at("patches/demo/one.patch").chmod(0)
    w.verbs = ["check", "status", "lint", "report-html", "fetch-from"]
    w.exits = {"check": {1, 2, 5}}
    assert os.getuid() != 0
