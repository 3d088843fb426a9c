"""Objects and trees that are not what they should be: in a store, and in an upstream that is fetched."""

import tarfile

import good
from cases import CACHE, PULL_REQUEST, UPSTREAM, add, case
from objects import Objects

STORE, TREE = ".kerb/upstream/demo.git", "src/2024.1/demo"
EXPORTS = "export export-dir"
MISMATCH = "object hash mismatch"


def loose(w):
    """The store's objects as loose ones, so that one can be put in another's place; nothing is applied."""
    w.remove(STORE)
    w.remove("src")
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
        w.then("check", 0)
    elif kind == "tree":
        objects.put("tree", objects_data(w, evil), names["tree"])
        w.then("check", 5, f"expected {names['tree']}")
    else:
        objects.commit(evil, name=names["commit"])
        w.lock(tree=evil)
        w.then("fetch-from", 5, f"expected {names['commit']}")
        w.then("check apply export", 5, "not fetched")
    if kind != "commit":
        w.then("apply export", 5, MISMATCH, f"expected {names[kind]}")
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

    loose(w)
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
    w.then("check", 0)
    w.then("apply export", 5, MISMATCH, f"expected {name}")
    w.after = [untrue]


@case(CACHE)
def tree_loop(w):
    """The locked tree contains itself."""
    objects, name = loose(w), "c" * 40
    objects.tree([("40000", b"a", name), ("40000", b"demo", name)], name=name)
    w.lock(objects.commit(name), name)
    w.then(f"check apply {EXPORTS} rebase", 5, MISMATCH, f"expected {name}")


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
    w.then(f"check apply {EXPORTS} rebase", 5, "the object is no tree")


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
        for label in ("check", "export"):
            w.run(label, 5, f"read tree {tree}: the tree is malformed")


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
    ):
        w.lock(objects.put("commit", data))
        for label in ("check", "landed"):
            w.run(label, 5, "not fetched")
    odd = f"tree {w.names['tree']}\nauthor a <a> 99999999999999999999 +9999\ncommitter \x1b[31m\n\n"
    w.lock(objects.put("commit", odd.encode()))
    w.then("check apply export landed", 0)


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
    w.after = [written]


def refused_tree(w, make, says):
    """The tree is looked at by check, as far as patches go there, and neither checked out nor exported."""
    crafted(w, make)
    w.then("fetch-from check", 0)
    w.then("apply", 5, "check out", says)
    w.then("export", 1, says)


def usual_tree(w, make):
    """The tree is odd and nothing is wrong with it here."""
    crafted(w, make)
    w.then(f"fetch-from check apply {EXPORTS} rebase", 0)


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


REFUSED = [
    ("git", "a folder .git", nested(b".git"), "the path names a .git directory"),
    ("git-case", "a folder .GiT", nested(b".GiT"), "the path names a .git directory"),
    ("git-short", "a folder GIT~1", nested(b"GIT~1"), "the path names a .git directory"),
    ("git-blank", "a folder '.git '", nested(b".git "), "the path names a .git directory"),
    ("git-dots", "a folder .git...", nested(b".git..."), "the path names a .git directory"),
    (
        "git-stream",
        "a folder .git::$INDEX_ALLOCATION",
        nested(b".git::$INDEX_ALLOCATION"),
        "the path names a .git directory",
    ),
    (
        "git-mark",
        "a folder .git with a mark that HFS leaves out",
        nested(b".g\xe2\x80\x8cit"),
        "the path names a .git directory",
    ),
    ("git-inside", "a folder demo-x/.git", nested(b"demo-x", b".git"), "the path names a .git directory"),
    (
        "git-file",
        "a file .git that leads elsewhere",
        one("100644", b".git"),
        "the path names a .git directory",
    ),
    ("git-link", "a link .git", one("120000", b".git", "link"), "the path names a .git directory"),
    ("up", "folders ..", nested(b"..", b"..", b".."), "the path has a '.' or '..' component"),
    ("dot", "a folder .", nested(b"."), "the path has a '.' or '..' component"),
    (
        "slash",
        "a name with slashes",
        one("100644", b"../../../outside/precious"),
        "the path has a '.' or '..' component",
    ),
    ("absolute", "an absolute name", one("100644", b"/tmp/x"), "the path is absolute"),
    ("backslash", "names with backslashes", one("100644", b"..\\..\\precious"), "the path has a backslash"),
    (
        "nul-like",
        "a drive and a device of Windows",
        many(("100644", b"C:"), ("100644", b"aux"), ("100644", b"con.txt")),
        "the path begins with a drive letter",
    ),
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
        "the path has a control character",
    ),
    ("long", "a name of five thousand bytes", one("100644", b"x" * 5000), "bytes"),
    ("longer", "a name of 255 bytes below another", nested(b"y" * 255, *[b"y" * 255] * 20), "bytes"),
]
USUAL = [
    (
        "link-normal",
        "a link and a folder that differ in normal form",
        twins("\u00e9".encode(), "e\u0301".encode()),
    ),
    ("link-out", "links that lead out", many(("120000", b"l"), ("120000", b"m"))),
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
    ("wide", "eight thousand files", wide(8000)),
]
for name, does, make, says in REFUSED:
    add(
        f"crafted-{name}",
        [UPSTREAM],
        f"The upstream tree that the lock names has {does}.",
        refused_tree,
        make,
        says,
    )
for name, does, make in USUAL:
    add(f"crafted-{name}", [UPSTREAM], f"The upstream tree that the lock names has {does}.", usual_tree, make)


@case(UPSTREAM)
def crafted_link_folder(w):
    """The upstream tree that the lock names has a link and a folder of one name."""
    crafted(w, twins(b"a", b"a"))
    w.then("fetch-from check", 0)
    w.then("apply", 5, "enter the directory of a/precious: Not a directory")
    w.then(EXPORTS, 1, "a/precious: the upstream tree has a file or link a and a folder of this name")


@case(UPSTREAM)
def crafted_link_case(w):
    """The upstream tree that the lock names has a link and a folder that differ in case: where case does not count,
    an export would write through the link."""
    crafted(w, twins(b"A", b"a"))
    w.then("fetch-from check apply", 0)
    w.then(EXPORTS, 1, "a/precious: the upstream tree has a file or link a and a folder of this name")


@case(UPSTREAM)
def crafted_twice(w):
    """The upstream tree that the lock names has two files of one name."""
    crafted(w, lambda o, b, l: ([("100644", b"README", b)], "twice"))
    w.then("fetch-from check", 0)
    w.then("apply", 5, "create README: File exists")
    w.then(EXPORTS, 1, "README: the upstream tree has two entries of this name")


@case(UPSTREAM)
def crafted_gitlink(w):
    """The upstream tree that the lock names has a submodule."""
    crafted(w, one("160000", b"sub"))
    w.then(f"fetch-from check apply {EXPORTS}", 0)


@case(UPSTREAM)
def crafted_empty(w):
    """The upstream tree that the lock names has an empty name, which git refuses to hand out."""
    crafted(w, one("100644", b""))
    w.then("fetch-from rebase", 5, "git could not fetch stable/2024.1")
    w.then(f"check apply {EXPORTS}", 5, "not fetched")


@case(UPSTREAM)
def crafted_deep(w):
    """The upstream tree that the lock names has ten thousand folders in each other."""
    crafted(w, deep(10_000))
    w.then("fetch-from check", 0)
    w.then(f"apply {EXPORTS}", 5, "it is more than 512 folders deep")


@case(UPSTREAM)
def crafted_folder_file(w):
    """The upstream tree that the lock names has a file where a patch's folder was."""
    crafted(w, one("100644", b"demo"))
    w.then("fetch-from", 0)
    w.then(f"check apply {EXPORTS}", 1, "demo/main.txt")
    w.then("rebase", 3)


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

    usual_tree(w, make)
    # The user's own configuration defines the filters: kerb checks files out itself and asks none.
    for key in ("filter.x.smudge", "filter.x.process", "diff.x.command", "merge.x.driver"):
        w.config(key, w.payload, w.root / "home/.gitconfig")
    w.then("refresh", 0)


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
    w.then("fetch-from rebase-dry rebase check", 0)


@case(UPSTREAM)
def upstream_names(w):
    """Branches of the upstream have names like options and with escape sequences."""
    for name in ("--upload-pack=x", "stable/2024.1\u202e", "-x"):
        (w.up / "packed-refs").open("a").write(f"{w.names['locked']} refs/heads/{name}\n")
    w.remove("series/upstream.lock")
    w.then("fetch-from fetch check rebase", 0)


@case(PULL_REQUEST, is_tracked=True)
def store_in_repository(w):
    """A whole true-looking store is tracked, with a blob that is not what its name says."""
    forged(w, "blob")
    w.after = []
