"""Released archives from an index: nothing of them runs, nothing of them is written outside."""

import hashlib
import tarfile

import good
import servers
from cases import UPSTREAM, add, case
from servers import Archive

YAML = good.CONFIGURATION.replace(
    "git: https://127.0.0.1:9/demo", 'sdist: demo\n    versions: {"2024.1": 1.0}'
)
# Of an archive that was fetched; and after one that was not.
TAKEN = ("fetch check export status", 0)
NOT_FETCHED = ("check export", 5, "not fetched")
NOT_LOCKED = ("check export", 5, "not locked")


def index(w, files, page=None, handler=None, update=False):
    """Serves an index with a page for demo, and makes the workspace want the archive."""

    class Handler(servers.Quiet):
        def do_GET(self):
            if handler and handler(self):
                return
            name = self.path.split("?")[0].rsplit("/", 1)[-1]
            if name in files:
                return self.answer(files[name], "application/gzip")
            if self.path.startswith("/simple/demo"):
                return self.answer((page or links(files)).encode())
            self.answer(b"", status=404)

        do_HEAD = do_GET

    port = servers.start(w, Handler)
    w.environment |= {"PIP_INDEX_URL": f"http://127.0.0.1:{port}/simple", "NO_PROXY": "*"}
    w.write("kerb.yaml", YAML)
    if not update:
        w.remove("series/upstream.lock")


def links(files):
    return "".join(
        f'<a href="/files/{n}#sha256={hashlib.sha256(d).hexdigest()}">{n}</a>\n' for n, d in files.items()
    )


def serve(w, make):
    """An archive that is fetched from an index, and does no harm."""
    index(w, {"demo-1.0.tar.gz": content(w, make)})
    w.then(*TAKEN)


def kept(w, make, says):
    """An archive that is refused when it is read. It is kept under its digest, so no index is asked for it."""
    data = content(w, make)
    digest = hashlib.sha256(data).hexdigest()
    w.write("kerb.yaml", YAML)
    w.lock(source="sdist:1.0", digest=f" sha256:{digest}")
    w.write(f".kerb/upstream/archives/{digest}/demo-1.0.tar.gz", data)
    w.then("fetch", 5, "the released archive demo-1.0.tar.gz is not taken", says)
    w.then(*NOT_FETCHED)


def content(w, make):
    archive = Archive().good()
    data = make(w, archive)
    return data if isinstance(data, bytes) else archive.data


@case(UPSTREAM)
def control_archive(w):
    """Nothing hostile: a released archive is fetched, checked and exported."""
    index(w, {"demo-1.0.tar.gz": Archive().good().data})
    w.then(*TAKEN)


def link_and_file(w, archive, kind=tarfile.SYMTYPE):
    archive.file("demo-1.0/l", type=kind, linkname=str(w.outside))
    archive.file("demo-1.0/l/precious", b"evil\n")


def built_by(w, archive):
    """The archive's own build back end."""
    plain = Archive()
    plain.file("demo-1.0/PKG-INFO", b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")
    plain.file(
        "demo-1.0/pyproject.toml", b'[build-system]\nrequires=[]\nbuild-backend="evil"\nbackend-path=["."]\n'
    )
    plain.file("demo-1.0/evil.py", f"import os\nos.system('{w.payload}')\n".encode())
    plain.file("demo-1.0/setup.py", f"import os\nos.system('{w.payload}')\n".encode())
    plain.file("demo-1.0/demo/main.txt", good.text(good.LINES))
    return plain.data


def set_up(w, archive):
    """An archive of old times: setup.py alone, and settings of pip and setuptools."""
    plain = Archive()
    code = f"import os\nos.system('{w.payload}')\n".encode()
    for name in ("setup.py", "sitecustomize.py", "pip.py", "setuptools.py"):
        plain.file(f"demo-1.0/{name}", code)
    plain.file("demo-1.0/setup.cfg", b"[egg_info]\nx=y\n")
    plain.file("demo-1.0/demo/main.txt", good.text(good.LINES))
    return plain.data


def bomb(w, archive):
    archive.zeros("demo-1.0/z", (128 << 20) + 1)


def named(name, **fields):
    return lambda w, archive: archive.file(name, b"evil\n", **fields)


# What is taken: files, which nothing runs.
HARMLESS = [
    ("setid", "a program that runs as its owner", named("demo-1.0/tool", mode=0o6755)),
    ("bytes", "names that are no text", named("demo-1.0/\udcff\udcfe")),
    ("backend", "its own build back end", built_by),
    ("setup", "a setup.py and modules that would be imported", set_up),
]
for name, does, make in HARMLESS:
    add(f"archive-{name}", [UPSTREAM], f"A released archive has {does}.", serve, make)

LEADS_OUT = "leads out of the tree"
DAMAGED = "it is damaged: Unrecognized archive format"
ARCHIVES = [
    (
        "up",
        "a name with ..",
        named("demo-1.0/../../../outside/precious"),
        "the path has a '.' or '..' component",
    ),
    ("up-first", "a name that begins with ..", named("../outside/precious"), "the path has a '.' or '..'"),
    (
        "absolute",
        "an absolute name",
        lambda w, a: a.file("/outside/precious", b"evil\n"),
        "'/outside/precious'",
    ),
    ("link-file", "a link that leads out and a file below it", link_and_file, LEADS_OUT),
    (
        "hard-link",
        "a hard link to a file outside",
        lambda w, a: a.file("demo-1.0/h", type=tarfile.LNKTYPE, linkname=str(w.outside / "secret")),
        "'demo-1.0/h' is a hard link",
    ),
    (
        "hard-link-up",
        "a hard link that leads out with ..",
        lambda w, a: a.file("demo-1.0/h", type=tarfile.LNKTYPE, linkname="../outside/secret"),
        "'demo-1.0/h' is a hard link",
    ),
    (
        "link-out",
        "a link to a secret",
        lambda w, a: a.file("demo-1.0/s", type=tarfile.SYMTYPE, linkname=str(w.outside / "secret")),
        LEADS_OUT,
    ),
    (
        "device",
        "a device",
        lambda w, a: a.file("demo-1.0/d", type=tarfile.CHRTYPE, devmajor=1, devminor=5),
        "'demo-1.0/d' is a device, a pipe or the like",
    ),
    (
        "pipe",
        "a pipe",
        lambda w, a: a.file("demo-1.0/p", type=tarfile.FIFOTYPE),
        "'demo-1.0/p' is a device, a pipe or the like",
    ),
    (
        "git",
        "files of .git",
        named("demo-1.0/.git/hooks/post-checkout", mode=0o755),
        "names a .git directory",
    ),
    ("git-case", "files of .GiT", named("demo-1.0/.GiT/config"), "names a .git directory"),
    (
        "words",
        "names with escape sequences and line ends",
        named("demo-1.0/\x1b[31mred\n::error::x"),
        "the path has a control",
    ),
    ("backslash", "names with backslashes", named("demo-1.0\\..\\..\\x"), "the path has a backslash"),
    (
        "twice",
        "a file and a link of one name",
        lambda w, a: a.file("demo-1.0/demo/main.txt", type=tarfile.SYMTYPE, linkname="other"),
        "twice",
    ),
    ("folders", "two folders at the top", named("other-1.0/x"), "'other-1.0/x' is outside its top folder"),
    (
        "long-name",
        "a name of a hundred kilobytes",
        named("demo-1.0/" + "x" * 100_000),
        "has 100009 bytes; 1024 is the most",
    ),
    (
        "deep",
        "two thousand folders",
        named("demo-1.0/" + "d/" * 2000 + "f"),
        "has 4010 bytes; 1024 is the most",
    ),
    (
        "bomb",
        "a file that is too large, in a hundred kilobytes",
        bomb,
        "134217729 bytes; 134217728 is the most",
    ),
    ("garbage", "no archive", lambda w, a: b"\x1f\x8b" + b"\xff" * 5000, DAMAGED),
    (
        "cut",
        "an archive that ends too soon",
        lambda w, a: a.data[:-200],
        "it is damaged: truncated gzip input",
    ),
    ("empty", "nothing", lambda w, a: b"", DAMAGED),
    ("html", "a page instead", lambda w, a: b"<html>::error::x", DAMAGED),
    ("zip", "a zip", lambda w, a: b"PK\x03\x04" + b"\0" * 100, DAMAGED),
]
for name, does, make, says in ARCHIVES:
    add(f"archive-{name}", [UPSTREAM], f"A released archive has {does}.", kept, make, says)


@case(UPSTREAM)
def archive_link_file_fetched(w):
    """An archive with a link that leads out and a file below it comes from an index: nothing unpacks it before it
    is read."""
    index(w, {"demo-1.0.tar.gz": content(w, link_and_file)})
    w.then("fetch", 5, "the released archive demo-1.0.tar.gz is not taken", LEADS_OUT)
    w.then(*NOT_LOCKED)


def odd_metadata(w):
    """Names and versions in PKG-INFO that are paths and escape sequences, one file for each."""
    archive = Archive().good(name="../../../../outside/made", version="1.0\n::error::x")
    for number, (name, version) in enumerate(
        (
            ("../../../../../../outside/made", "../../../../outside/made"),
            ("/tmp/made", "1.0\x1b[31m"),
            ("demo\x1b[31m", "99999999999999999999"),
            ("x" * 100_000, "demo\nVersion: 2.0"),
        )
    ):
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        archive.file(f"demo-1.0/x{number}.egg-info/PKG-INFO", text.encode())
    return archive


@case(UPSTREAM)
def archive_metadata(w):
    """Names and versions in PKG-INFO are paths and escape sequences."""
    index(w, {"demo-1.0.tar.gz": odd_metadata(w).data})
    w.then(*TAKEN)


@case(UPSTREAM)
def archive_digest(w):
    """The archive's digest is not the locked one: nothing of it is unpacked or kept."""
    index(w, {"demo-1.0.tar.gz": built_by(w, None)}, update=True)
    w.lock(source="sdist:1.0", digest=" sha256:" + "a" * 64)
    w.then("fetch", 5, "demo-1.0.tar.gz has the SHA-256", "is locked to aaaaaaaa")
    w.then(*NOT_FETCHED)

    def look(w):
        if any(w.at(".kerb/upstream").rglob("demo-1.0*")):
            w.bad("the archive was kept")

    w.after = [look]


@case(UPSTREAM)
def archive_page_digest(w):
    """The index's page names another digest than the archive has."""
    index(w, {"demo-1.0.tar.gz": Archive().good().data}, page=link_to("/files/demo-1.0.tar.gz", "b" * 64))
    w.then("fetch", 5, "demo-1.0.tar.gz has the SHA-256", "and the index says")
    w.then(*NOT_LOCKED)


def link_to(address, digest=None, name="demo-1.0.tar.gz"):
    return f'<a href="{address}{f"#sha256={digest}" if digest else ""}">{name}</a>'


@case(UPSTREAM)
def archive_kept(w):
    """A kept archive of the locked digest is another file, a hole, a pipe, a link."""
    index(w, {}, update=True)
    w.lock(source="sdist:1.0", digest=" sha256:" + "a" * 64)
    place = f".kerb/upstream/archives/{'a' * 64}/demo-1.0.tar.gz"
    for make, says in (
        (lambda p: w.write(p, built_by(w, None)), "has no source archive of demo"),
        (w.hole, "has no source archive of demo"),
        (w.fifo, "no regular file, and kerb makes no other there"),
        (lambda p: w.link(p, w.outside / "secret"), "a symbolic link, and kerb makes none there"),
        (lambda p: w.link(p, "/dev/zero"), "a symbolic link, and kerb makes none there"),
    ):
        w.remove(place)
        make(place)
        w.run("fetch", 5, says)


def endless(path, size=None):
    """Answers with bytes until the other side has enough."""

    def handler(request):
        if path not in request.path:
            return False
        request.send_response(200)
        request.send_header("Content-Type", "text/html" if "simple" in path else "application/gzip")
        if size:
            request.send_header("Content-Length", str(size))
        request.end_headers()
        try:
            for _ in range(3 << 10):
                request.wfile.write(b"x" * (1 << 20))
        except OSError:
            pass
        return True

    return handler


@case(UPSTREAM)
def archive_endless(w):
    """The server sends an archive of three gigabytes and does not say so."""
    index(w, {}, page=link_to("/files/demo-1.0.tar.gz", "b" * 64), handler=endless("/files/"))
    w.then("fetch", 5, "is too large: more than 134217728 bytes")


@case(UPSTREAM)
def archive_page_endless(w):
    """The index's page has three gigabytes."""
    index(w, {}, handler=endless("/simple/"))
    w.then("fetch", 5, "is too large: more than 16777216 bytes")


@case(UPSTREAM)
def archive_page_links(w):
    """The index's page has a hundred thousand links and one."""
    rows = "".join(f'<a href="x-{n}">x</a>\n' for n in range(100_000))
    index(w, {"demo-1.0.tar.gz": Archive().good().data}, page=rows + link_to("/files/demo-1.0.tar.gz"))
    w.then("fetch", 5, "is not taken: it has more than 100000 links")


@case(UPSTREAM)
def archive_page_addresses(w):
    """The page's links lead to files of this machine and to other protocols."""
    (w.outside / "demo-1.0.tar.gz").write_bytes(secret_archive())
    page = [""]
    index(w, {}, handler=lambda request: "/simple/demo" in request.path and answered(request, page[0]))
    nothing, missing, closed = "no source archive of demo", "and does not have it", "could not be fetched"
    for address, says in (
        (f"file://{w.outside}/demo-1.0.tar.gz", nothing),
        (f"file:///{w.outside}/secret#/demo-1.0.tar.gz", nothing),
        ("ftp://127.0.0.1:9/demo-1.0.tar.gz", nothing),
        ("../../../../outside/demo-1.0.tar.gz", missing),
        ("http://user:SECRET-4711-word@127.0.0.1:9/demo-1.0.tar.gz", closed),
    ):
        page[0] = link_to(address)
        w.run("fetch", 5, says)
    page[0] = link_to("/files/../../x/demo-1.0.tar.gz", name="../../../outside/demo-1.0.tar.gz")
    w.run("fetch", 5, missing)


def answered(request, text):
    request.answer(text.encode())
    return True


def secret_archive():
    return Archive().file("demo-1.0/x", good.SECRETS["file"].encode()).data


@case(UPSTREAM)
def archive_redirects(w):
    """The server redirects to a file of this machine, to other protocols, and without end."""
    (w.outside / "demo-1.0.tar.gz").write_bytes(secret_archive())
    target = [""]

    def handler(request):
        if "/files/" not in request.path:
            return False
        request.answer(status=302, Location=target[0])
        return True

    index(w, {}, page=link_to("/files/demo-1.0.tar.gz"), handler=handler)
    for target[0], says in (
        (f"file://{w.outside}/demo-1.0.tar.gz", "an address with file: is not followed"),
        ("/files/demo-1.0.tar.gz", "Exceeded 30 redirects"),
        ("ftp://127.0.0.1:9/x", "an address with ftp: is not followed"),
    ):
        w.run("fetch", 5, "could not be fetched", says)


@case(UPSTREAM)
def archive_answers(w):
    """The server's answers have escape sequences, in a status line, a page and names."""

    def handler(request):
        request.send_response(404, "\x1b[31mred ::error::x")
        request.end_headers()
        request.wfile.write(b"\x1b[31m\n::error::x\n")
        return True

    index(w, {}, handler=handler)
    w.run("fetch", 5, "has no source archive of demo")
    odd = link_to("demo-1.0\x1b[31m.tar.gz", name="demo-1.0\x1b[31m.tar.gz")
    newer = link_to("/files/demo-9.9.tar.gz", name="demo-9.9.tar.gz")
    index(w, {}, page=f"{odd}\n::error::x{newer}")
    w.run("fetch", 5, "version 1.0 of demo has no source archive; the newest is 9.9")


NAMES = [
    "--index-url=http://127.0.0.1:9",
    "-r requirements.txt",
    "demo @ file:///etc/passwd",
    "../x",
    "demo[x]",
    "git+https://127.0.0.1:9/x",
    "-e .",
    "demo==1 --x",
    ".",
    "demo\\n::error::x",
    "https://127.0.0.1:9/x.tar.gz",
]
VERSIONS = [
    "1.0 --global-option=x",
    "--pre",
    "../../x",
    "@ file:///etc/passwd",
    "1.0\\n2.0",
    "latest\\e[31m",
]


@case(UPSTREAM)
def archive_names(w):
    """The archive's name or version in kerb.yaml is an option of pip, an address, a path."""
    w.write("requirements.txt", "demo\n")
    w.write("setup.py", f"import os\nos.system('{w.payload}')\n")
    git, says = "git: https://127.0.0.1:9/demo", "the name of an archive has letters, digits and . _ - only"
    for name in NAMES:
        w.write("kerb.yaml", good.CONFIGURATION.replace(git, f'sdist: "{name}"'))
        w.run("fetch", 2, "kerb.yaml:5: error: ", says)
    for version in VERSIONS:
        w.write("kerb.yaml", YAML.replace("1.0", f'"{version}"'))
        w.run("fetch", 2, "kerb.yaml:6: error: ", says)
