"""Objects and trees that are not what they should be: in a store, and in an upstream that is fetched."""

import tarfile

import good
from cases import CACHE, PULL_REQUEST, UPSTREAM, add, case
from objects import Objects

STORE, TREE = ".kerb/upstream/demo.git", "src/2024.1/demo"
CI = ["fetch-from", "check", "apply", "export", "export-dir", "rebase"]
MORE = {"export-dir": ["export", good.STACK, "--format", "dir", "-o", "dist/folder"], "landed": ["landed"]}


def loose(w):
    """The store's objects as loose ones, so that one can be put in another's place."""
    w.remove(STORE)
    w.store()
    return Objects(w.at(STORE))


def untrue(w):
    """Files that are not those of the locked tree."""
    for file in (w.ws / TREE / "README", w.ws / TREE / "demo/main.txt", w.ws / TREE / "evil"):
        if file.is_file() and b"evil" in file.read_bytes():
            w.bad(f"{file.name} of the work tree is not of the locked tree")
    for archive in (w.ws / "dist").glob("*.tar.gz"):
        with tarfile.open(archive) as files:
            for member in files:
                if member.isfile() and b"evil" in files.extractfile(member).read():
                    w.bad(f"{member.name} of the archive is not of the locked tree")


def forged(w, kind):
    objects = loose(w)
    names = {"blob": good.name_of("blob", b"readme\n"), "tree": w.names["tree"], "commit": w.names["locked"]}
    blob = objects.blob(b"evil\n")
    evil = objects.tree(
        [
            ("100644", b"README", blob),
            ("100644", b"evil", blob),
            ("40000", b"demo", objects.tree([("100644", b"main.txt", objects.blob(good.text(good.LINES)))])),
        ]
    )
    if kind == "blob":
        objects.blob(b"evil\n", names["blob"])
    elif kind == "tree":
        objects.put("tree", objects_data(w, evil), names["tree"])
    else:
        objects.commit(evil, name=names["commit"])
        w.lock(tree=evil)
    w.verbs, w.more = ["check", "apply", "export", "fetch", "fetch-from", "export", "status"], MORE
    w.after = [untrue]


def objects_data(w, name):
    import zlib

    raw = zlib.decompress(w.at(f"{STORE}/objects/{name[:2]}/{name[2:]}").read_bytes())
    return raw.partition(b"\0")[2]


for kind in ("blob", "tree", "commit"):
    add(
        f"forged-{kind}",
        [CACHE],
        f"A {kind} of the store is not what its name says, and the lock is the true one.",
        forged,
        kind,
    )


@case(CACHE)
def forged_packed(w):
    """A packed object of the store is not what its name says."""
    import hashlib
    import struct
    import zlib

    objects = loose(w)
    name = good.name_of("blob", b"readme\n")
    w.remove(f"{STORE}/objects/{name[:2]}/{name[2:]}")
    content = b"evil\n\n\n"
    entry = bytes([0x30 | len(content)]) + zlib.compress(content)
    pack = b"PACK" + struct.pack(">II", 2, 1) + entry
    pack += hashlib.sha1(pack).digest()
    fan = b"".join(struct.pack(">I", 1 if n >= int(name[:2], 16) else 0) for n in range(256))
    index = (
        b"\xfftOc" + struct.pack(">I", 2) + fan + bytes.fromhex(name) + struct.pack(">I", zlib.crc32(entry))
    )
    index += struct.pack(">I", 12) + pack[-20:]
    index += hashlib.sha1(index).digest()
    w.write(f"{STORE}/objects/pack/pack-{pack[-20:].hex()}.pack", pack)
    w.write(f"{STORE}/objects/pack/pack-{pack[-20:].hex()}.idx", index)
    assert objects
    w.verbs, w.after = ["check", "apply", "export", "status"], [untrue]


@case(CACHE)
def tree_loop(w):
    """The locked tree contains itself."""
    objects, name = loose(w), "c" * 40
    objects.tree([("40000", b"a", name), ("40000", b"demo", name)], name=name)
    objects.commit(name, name="d" * 40)
    w.lock("d" * 40, name)
    w.write("patches/demo/one.patch", good.mail("demo: add a file", good.addition("n")))
    w.verbs, w.more = CI[1:] + ["microversion-all"], MORE | {"microversion-all": ["microversion", "--all"]}


@case(CACHE)
def tree_missing(w):
    """The locked tree has objects that the store lacks, and entries of the wrong kind."""
    objects = loose(w)
    blob = objects.blob(b"x\n")
    tree = objects.tree(
        [
            ("100644", b"README", "1" * 40),
            ("40000", b"demo", blob),
            ("100644", b"x", w.names["tree"]),
            ("160000", b"sub", "2" * 40),
        ]
    )
    w.lock(objects.commit(tree), tree)
    w.verbs, w.more = CI[1:], MORE


@case(CACHE)
def tree_garbage(w):
    """The locked tree's bytes are no tree."""
    objects = loose(w)
    for data in (
        b"\xff" * 1000,
        b"100644 x",
        b"100644 \0" + b"a" * 20,
        b"99999999999999 x\0" + b"a" * 20,
        b"100644 x\0abc",
    ):
        tree = objects.put("tree", data)
        w.lock(objects.commit(tree), tree)
        for verb in ("check", "apply", "export"):
            w.run(verb)
    w.verbs = ["status"]


@case(CACHE)
def commit_garbage(w):
    """The locked commit's bytes are no commit."""
    objects = loose(w)
    for data in (
        b"",
        b"tree \n",
        b"tree " + b"z" * 40 + b"\n\n",
        f"tree {w.names['tree']}\n".encode(),
        b"\xff" * 100_000,
        f"tree {w.names['tree']}\nauthor a <a> 99999999999999999999 +9999\ncommitter \x1b[31m\n\n".encode(),
    ):
        w.lock(objects.put("commit", data))
        for verb in ("check", "apply", "export", "landed"):
            w.run(verb, MORE.get(verb))
    w.verbs = ["status"]


# Upstreams: the lock names a commit with a tree that git would refuse.


def crafted(w, make):
    """An upstream whose branch has these entries beside its own."""
    objects = w.upstream()
    link = objects.blob(str(w.outside).encode())
    blob = objects.blob(w.payload.read_bytes())
    inner = objects.tree([("100644", b"main.txt", objects.blob(good.text(good.LINES)))])
    own = [("100644", b"README", objects.blob(b"readme\n")), ("40000", b"demo", inner)]
    entries, order = make(objects, blob, link)
    names = {e[1] for e in entries}
    tree = objects.tree(
        [e for e in own if e[1] not in names or order == "twice"] + entries, order=order is True
    )
    commit = objects.commit(tree)
    objects.reference("refs/heads/stable/2024.1", commit)
    w.lock(commit, tree)
    w.verbs, w.more, w.after = CI, MORE, [written]


def written(w):
    """Nothing of git's own was made in the work tree, nothing went through a link."""
    for path in (w.ws / TREE).glob("*") if (w.ws / TREE).is_dir() else []:
        if path.name.lower() in (".git", "git~1") and path.is_dir():
            w.bad(f"wrote {path.name} in the work tree")
    for archive in (w.ws / "dist").glob("*.tar.gz"):
        with tarfile.open(archive) as files:
            links = {m.name for m in files if m.issym() or m.islnk()}
            files_below = [m.name for m in files if any(m.name.startswith(link + "/") for link in links)]
            ways = [m.name for m in files if m.name.startswith("/") or ".." in m.name.split("/")]
        if files_below or ways:
            w.bad(f"the archive has an entry that leads out: {(files_below + ways)[0]}")


def one(mode, name, what="blob"):
    def make(objects, blob, link):
        return [(mode, name, link if what == "link" else blob)], True

    return make


def nested(name, *more, mode="40000"):
    def make(objects, blob, link):
        tree = objects.tree([("100755", b"precious", blob), ("100755", b"config", blob)])
        for folder in more:
            tree = objects.tree([("40000", folder, tree)])
        return [(mode, name, tree)], True

    return make


def twins(first, second):
    def make(objects, blob, link):
        return [
            ("120000", first, link),
            ("40000", second, objects.tree([("100644", b"precious", blob)])),
        ], "twice"

    return make


def deep(depth):
    return lambda objects, blob, link: ([("40000", b"d", objects.nested(depth, blob))], True)


def wide(count):
    return lambda objects, blob, link: ([("100644", b"f%06d" % n, blob) for n in range(count)], True)


def many(*rows):
    return lambda objects, blob, link: ([(m, n, link if m == "120000" else blob) for m, n in rows], True)


CRAFTED = [
    ("git", "a folder .git", nested(b".git")),
    ("git-case", "a folder .GiT", nested(b".GiT")),
    ("git-short", "a folder GIT~1", nested(b"GIT~1")),
    ("git-blank", "a folder '.git '", nested(b".git ")),
    ("git-dots", "a folder .git...", nested(b".git...")),
    ("git-stream", "a folder .git::$INDEX_ALLOCATION", nested(b".git::$INDEX_ALLOCATION")),
    ("git-mark", "a folder .git with a mark that HFS leaves out", nested(b".g\xe2\x80\x8cit")),
    ("git-inside", "a folder demo-x/.git", nested(b"demo-x", b".git")),
    ("git-file", "a file .git that leads elsewhere", one("100644", b".git")),
    ("git-link", "a link .git", one("120000", b".git", "link")),
    ("up", "folders ..", nested(b"..", b"..", b"..")),
    ("dot", "a folder .", nested(b".")),
    ("slash", "a name with slashes", one("100644", b"../../../outside/precious")),
    ("absolute", "an absolute name", one("100644", b"/tmp/x")),
    ("backslash", "names with backslashes", one("100644", b"..\\..\\precious")),
    ("empty", "an empty name", one("100644", b"")),
    (
        "nul-like",
        "a drive and a device of Windows",
        many(("100644", b"C:"), ("100644", b"aux"), ("100644", b"con.txt")),
    ),
    ("link-folder", "a link and a folder of one name", twins(b"a", b"a")),
    ("link-case", "a link and a folder that differ in case", twins(b"A", b"a")),
    (
        "link-normal",
        "a link and a folder that differ in normal form",
        twins("\u00e9".encode(), "e\u0301".encode()),
    ),
    ("link-out", "links that lead out", many(("120000", b"l"), ("120000", b"m"))),
    ("twice", "two files of one name", lambda o, b, l: ([("100644", b"README", b)], "twice")),
    ("gitlink", "a submodule", one("160000", b"sub")),
    (
        "modes",
        "strange modes",
        many(
            ("100777", b"m"),
            ("104755", b"s"),
            ("0", b"z"),
            ("140000", b"k"),
            ("20000", b"c"),
            ("777777", b"w"),
        ),
    ),
    ("unsorted", "names out of order", lambda o, b, l: ([("100644", b"zz", b), ("100644", b"aa", b)], False)),
    (
        "words",
        "names with line ends, tabs and escape sequences",
        many(
            ("100644", b"a\n::error::x\nb"),
            ("100644", b"q\tt"),
            ("100644", b"\x1b[31mred\x07"),
            ("100644", b"\xe2\x80\xaex"),
            ("100644", b"\xff\xfe"),
        ),
    ),
    ("long", "a name of five thousand bytes", one("100644", b"x" * 5000)),
    ("longer", "a name of 255 bytes below another", nested(b"y" * 255, *[b"y" * 255] * 20)),
    ("deep", "a thousand folders", deep(1000)),
    ("deeper", "ten thousand folders", deep(10_000)),
    ("wide", "eight thousand files", wide(8000)),
    ("folder-file", "a file where a patch's folder was", one("100644", b"demo")),
]
for name, does, make in CRAFTED:
    add(f"crafted-{name}", [UPSTREAM], f"The upstream tree that the lock names has {does}.", crafted, make)


@case(UPSTREAM)
def crafted_settings(w):
    """The upstream tree has attributes with filters, submodules with commands, a mail map, hooks."""

    def make(objects, blob, link):
        def file(name, text):
            return ("100644", name, objects.blob(text.encode()))

        return [
            file(b".gitattributes", "* filter=x diff=x merge=x ident working-tree-encoding=UTF-16\n"),
            file(
                b".gitmodules",
                f'[submodule "demo"]\n\tpath = demo\n\turl = ext::{w.payload}\n\tupdate = !{w.payload}\n',
            ),
            file(b".mailmap", "x <x@x> <a@x>\n"),
            file(b".gitignore", "*\n"),
            file(b".lfsconfig", "[lfs]\n\turl = x\n"),
            file(b"setup.py", f"import os; os.system('{w.payload}')\n"),
            file(b"sitecustomize.py", f"import os; os.system('{w.payload}')\n"),
            file(b"kerb.yaml", "version: 1\n"),
        ], True

    crafted(w, make)
    w.config("filter.x.smudge", w.payload)
    w.config("filter.x.process", w.payload)
    w.verbs = CI + ["refresh"]
    w.more = MORE | {"refresh": ["refresh", good.STACK]}


@case(UPSTREAM)
def upstream_configuration(w):
    """The clone that --from names has hooks and a configuration that runs programs on its side."""
    for key, value in [
        ("uploadpack.packObjectsHook", w.payload),
        ("core.sshCommand", w.payload),
        ("core.fsmonitor", w.payload),
        ("core.alternateRefsCommand", w.payload),
        ("core.hooksPath", w.root),
        ("uploadpack.allowFilter", "true"),
        ("extensions.partialClone", "o"),
        ("remote.o.promisor", "true"),
        ("remote.o.url", f"ext::{w.payload}"),
    ]:
        w.config(key, value, w.up / "config")
    for name in ("post-checkout", "pre-auto-gc", "reference-transaction", "post-index-change"):
        w.write(w.up / "hooks" / name, w.payload.read_bytes(), 0o755)
    w.verbs = ["fetch-from", "rebase-dry", "rebase", "check"]


@case(UPSTREAM)
def upstream_names(w):
    """Branches of the upstream have names like options and with escape sequences."""
    for name in ("--upload-pack=x", "stable/2024.1\u202e", "-x"):
        (w.up / "packed-refs").open("a").write(f"{w.names['locked']} refs/heads/{name}\n")
    w.remove("series/upstream.lock")
    w.verbs = ["fetch-from", "fetch", "check", "rebase"]


@case(PULL_REQUEST)
def store_in_repository(w):
    """A whole true-looking store is tracked, with a blob that is not what its name says."""
    forged(w, "blob")
    w.refused(".kerb")
    w.after = []
