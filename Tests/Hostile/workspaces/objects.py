"""Writes git objects, also such as git itself refuses: under names that are not theirs, with entries
that no tree has."""

import hashlib
import os
import zlib

ZERO = "0" * 40
SIGNATURE = "kerb <kerb@localhost> 1700000000 +0000"


def name_of(kind, data):
    return hashlib.sha1(b"%s %d\0" % (kind.encode(), len(data)) + data).hexdigest()


class Objects:
    """The loose objects and references of a git directory."""

    def __init__(self, folder):
        self.folder = str(folder)

    def put(self, kind, data, name=None):
        """Writes an object; with `name` under that one, whatever its content is called."""
        name = name or name_of(kind, data)
        folder = f"{self.folder}/objects/{name[:2]}"
        os.makedirs(folder, exist_ok=True)
        path = f"{folder}/{name[2:]}"
        if os.path.exists(path):
            os.chmod(path, 0o644)
        with open(path, "wb") as file:
            file.write(zlib.compress(b"%s %d\0" % (kind.encode(), len(data)) + data, 1))
        return name

    def blob(self, data, name=None):
        return self.put("blob", data, name)

    def tree(self, entries, name=None, order=True):
        """`entries` are (mode, name in bytes, object); sorted as git does unless `order` is false."""
        if order:
            entries = sorted(entries, key=lambda e: e[1] + (b"/" if e[0] == "40000" else b""))
        data = b"".join(m.encode() + b" " + n + b"\0" + bytes.fromhex(h) for m, n, h in entries)
        return self.put("tree", data, name)

    def commit(self, tree, parents=(), message="m\n", name=None):
        lines = [f"tree {tree}"] + [f"parent {p}" for p in parents]
        lines += [f"author {SIGNATURE}", f"committer {SIGNATURE}", "", message]
        return self.put("commit", "\n".join(lines).encode("utf-8", "surrogateescape"), name)

    def nested(self, depth, leaf):
        """A chain of folders named `d`; returns the outermost tree."""
        tree = self.tree([("100644", b"f", leaf)])
        for _ in range(depth):
            tree = self.tree([("40000", b"d", tree)])
        return tree

    def reference(self, name, target):
        path = f"{self.folder}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(target + "\n")


def bare(folder, config="", keep=True):
    """Makes a bare repository; with `keep` its empty folders have a file, so that git tracks them."""
    for name in ("objects/info", "objects/pack", "refs/heads", "refs/tags"):
        os.makedirs(f"{folder}/{name}", exist_ok=True)
        if keep:
            open(f"{folder}/{name}/.keep", "w").close()
    with open(f"{folder}/HEAD", "w") as file:
        file.write("ref: refs/heads/main\n")
    with open(f"{folder}/config", "w") as file:
        file.write("[core]\n\tbare = true\n\trepositoryformatversion = 0\n\tfilemode = true\n" + config)
    return Objects(folder)
