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
NETWORK = ["fetch", "check", "export", "status"]


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
    w.verbs = NETWORK
    # The server is in this process: its time is the case's, not kerb's.
    w.limits.wall = 20
    return port


def links(files):
    return "".join(
        f'<a href="/files/{n}#sha256={hashlib.sha256(d).hexdigest()}">{n}</a>\n' for n, d in files.items()
    )


def serve(w, make):
    archive = Archive().good()
    data = make(w, archive)
    index(w, {"demo-1.0.tar.gz": data if isinstance(data, bytes) else archive.data})


@case(UPSTREAM)
def control_archive(w):
    """Nothing hostile: a released archive is fetched, checked and exported."""
    index(w, {"demo-1.0.tar.gz": Archive().good().data})
    w.exits = {verb: {0} for verb in NETWORK}


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
    for number in range(3):
        archive.zeros(f"demo-1.0/z{number}", 400 << 20)


def many_files(w, archive):
    for number in range(20_000):
        archive.file(f"demo-1.0/f{number}")


def named(name, **fields):
    return lambda w, archive: archive.file(name, b"evil\n", **fields)


ARCHIVES = [
    ("up", "a name with ..", named("demo-1.0/../../../outside/precious")),
    ("up-first", "a name that begins with ..", named("../outside/precious")),
    ("absolute", "an absolute name", lambda w, a: a.file(str(w.outside / "precious"), b"evil\n")),
    ("link-file", "a link that leads out and a file below it", link_and_file),
    (
        "hard-link",
        "a hard link to a file outside",
        lambda w, a: a.file("demo-1.0/h", type=tarfile.LNKTYPE, linkname=str(w.outside / "secret")),
    ),
    (
        "hard-link-up",
        "a hard link that leads out with ..",
        lambda w, a: a.file("demo-1.0/h", type=tarfile.LNKTYPE, linkname="../outside/secret"),
    ),
    (
        "link-out",
        "a link to a secret",
        lambda w, a: a.file("demo-1.0/s", type=tarfile.SYMTYPE, linkname=str(w.outside / "secret")),
    ),
    ("device", "a device", lambda w, a: a.file("demo-1.0/d", type=tarfile.CHRTYPE, devmajor=1, devminor=5)),
    ("pipe", "a pipe", lambda w, a: a.file("demo-1.0/p", type=tarfile.FIFOTYPE)),
    ("setid", "a program that runs as its owner", named("demo-1.0/tool", mode=0o6755)),
    ("git", "files of .git", named("demo-1.0/.git/hooks/post-checkout", mode=0o755)),
    ("git-case", "files of .GiT", named("demo-1.0/.GiT/config")),
    ("words", "names with escape sequences and line ends", named("demo-1.0/\x1b[31mred\n::error::x")),
    ("bytes", "names that are no text", named("demo-1.0/\udcff\udcfe")),
    ("backslash", "names with backslashes", named("demo-1.0\\..\\..\\x")),
    (
        "twice",
        "a file and a link of one name",
        lambda w, a: a.file("demo-1.0/demo", type=tarfile.SYMTYPE, linkname=str(w.outside)),
    ),
    ("folders", "two folders at the top", named("other-1.0/x")),
    ("long-name", "a name of a hundred kilobytes", named("demo-1.0/" + "x" * 100_000)),
    ("deep", "two thousand folders", named("demo-1.0/" + "d/" * 2000 + "f")),
    ("backend", "its own build back end", built_by),
    ("setup", "a setup.py and modules that would be imported", set_up),
    ("bomb", "more than a gigabyte in five megabytes", bomb),
    ("many", "twenty thousand files", many_files),
    ("garbage", "no archive", lambda w, a: b"\x1f\x8b" + b"\xff" * 5000),
    ("cut", "an archive that ends too soon", lambda w, a: a.data[:-200]),
    ("empty", "nothing", lambda w, a: b""),
    ("html", "a page instead", lambda w, a: b"<html>::error::x"),
    ("zip", "a zip", lambda w, a: b"PK\x03\x04" + b"\0" * 100),
]
for name, does, make in ARCHIVES:
    add(f"archive-{name}", [UPSTREAM], f"A released archive has {does}.", serve, make)


@case(UPSTREAM)
def archive_metadata(w):
    """Names and versions in PKG-INFO are paths and escape sequences."""
    files = {}
    index(w, files)
    for name in (
        "../../../../outside/made",
        "../../../../../outside/made",
        "../../../../../../outside/made",
        "../../../../../../../outside/made",
        "demo\nVersion: 2.0",
        "demo\x1b[31m",
        "/tmp/made",
        "x" * 100_000,
    ):
        files["demo-1.0.tar.gz"] = Archive().good(name=name).data
        w.remove(".kerb")
        w.remove("series/upstream.lock")
        w.run("fetch")
    for version in ("../../../../outside/made", "1.0\n::error::x", "1.0\x1b[31m", "99999999999999999999"):
        files["demo-1.0.tar.gz"] = Archive().good(version=version).data
        w.remove(".kerb")
        w.remove("series/upstream.lock")
        w.run("fetch")
    w.verbs = ["check"]


@case(UPSTREAM)
def archive_digest(w):
    """The archive's digest is not the locked one: nothing of it is unpacked or kept."""
    index(w, {"demo-1.0.tar.gz": built_by(w, None)}, update=True)
    w.lock(source="sdist:1.0", digest=" sha256:" + "a" * 64)
    w.exits = {"fetch": {5}, "check": {1, 5}}


@case(UPSTREAM)
def archive_page_digest(w):
    """The index's page names another digest than the archive has."""
    data = Archive().good().data
    index(
        w,
        {"demo-1.0.tar.gz": data},
        page=f'<a href="/files/demo-1.0.tar.gz#sha256={"b" * 64}">demo-1.0.tar.gz</a>',
    )
    w.exits = {"fetch": {5}}


@case(UPSTREAM)
def archive_kept(w):
    """A kept archive of the locked digest is another file, a pipe, a link, a hole."""
    index(w, {}, update=True)
    w.lock(source="sdist:1.0", digest=" sha256:" + "a" * 64)
    place = f".kerb/upstream/archives/{'a' * 64}/demo-1.0.tar.gz"
    for make in (
        lambda p: w.write(p, built_by(w, None)),
        w.fifo,
        w.hole,
        lambda p: w.link(p, w.outside / "secret"),
        lambda p: w.link(p, "/dev/zero"),
    ):
        w.remove(place)
        make(place)
        if w.run("fetch").hung:
            break
    w.verbs = ["check", "status"]


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
    index(
        w,
        {},
        page=f'<a href="/files/demo-1.0.tar.gz#sha256={"b" * 64}">demo-1.0.tar.gz</a>',
        handler=endless("/files/"),
    )
    w.limits.timeout, w.limits.seconds, w.verbs = 40, 20, ["fetch"]


@case(UPSTREAM)
def archive_page_endless(w):
    """The index's page has three gigabytes."""
    index(w, {}, handler=endless("/simple/"))
    w.limits.timeout, w.limits.seconds, w.verbs = 40, 20, ["fetch"]


@case(UPSTREAM)
def archive_page_links(w):
    """The index's page has two hundred thousand links."""
    rows = "".join(f'<a href="demo-0.{n}.tar.gz">demo-0.{n}.tar.gz</a>\n' for n in range(200_000))
    index(
        w,
        {"demo-1.0.tar.gz": Archive().good().data},
        page=rows + '<a href="/files/demo-1.0.tar.gz">demo-1.0.tar.gz</a>',
    )
    w.limits.seconds, w.verbs = 10, ["fetch"]


@case(UPSTREAM)
def archive_page_addresses(w):
    """The page's links lead to files of this machine and to other protocols."""
    for address in (
        f"file://{w.outside}/secret",
        f"file:///{w.outside}/secret#/demo-1.0.tar.gz",
        "ftp://127.0.0.1:9/demo-1.0.tar.gz",
        "ext::x/demo-1.0.tar.gz",
        "../../../../outside/demo-1.0.tar.gz",
        "//127.0.0.1:9/demo-1.0.tar.gz",
        "javascript:x",
        "http://user:SECRET-4711-word@127.0.0.1:9/demo-1.0.tar.gz",
    ):
        index(w, {}, page=f'<a href="{address}">demo-1.0.tar.gz</a>')
        w.run("fetch")
    index(w, {}, page='<a href="/files/../../x/demo-1.0.tar.gz">../../../outside/demo-1.0.tar.gz</a>')
    w.verbs = ["fetch"]


@case(UPSTREAM)
def archive_redirects(w):
    """The server redirects to a file of this machine, and without end."""
    (w.outside / "demo-1.0.tar.gz").write_bytes(
        Archive().file("demo-1.0/x", good.SECRETS["file"].encode()).data
    )
    for target in (
        f"file://{w.outside}/demo-1.0.tar.gz",
        "/files/demo-1.0.tar.gz",
        "ftp://127.0.0.1:9/x",
        "gopher://127.0.0.1:9/x",
    ):

        def handler(request, target=target):
            if "/files/" not in request.path:
                return False
            request.answer(status=302, Location=target)
            return True

        index(w, {}, page='<a href="/files/demo-1.0.tar.gz">demo-1.0.tar.gz</a>', handler=handler)
        w.run("fetch")
    w.verbs = ["check"]


@case(UPSTREAM)
def archive_answers(w):
    """The server's answers have escape sequences, in a status line, a page and names."""

    def handler(request):
        request.send_response(404, "\x1b[31mred ::error::x")
        request.end_headers()
        request.wfile.write(b"\x1b[31m\n::error::x\n")
        return True

    index(w, {}, handler=handler)
    w.run("fetch")
    index(
        w,
        {},
        page='<a href="demo-1.0\x1b[31m.tar.gz">demo-1.0\x1b[31m.tar.gz</a>\n::error::x<a href="/files/demo-9.9.tar.gz">demo-9.9.tar.gz</a>',
    )
    w.verbs = ["fetch"]


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


@case(UPSTREAM)
def archive_names(w):
    """The archive's name or version in kerb.yaml is an option of pip, an address, a path."""
    index(w, {})
    w.write("requirements.txt", "demo\n")
    w.write("setup.py", f"import os\nos.system('{w.payload}')\n")
    for name in NAMES:
        w.write("kerb.yaml", good.CONFIGURATION.replace("git: https://127.0.0.1:9/demo", f'sdist: "{name}"'))
        w.run("fetch")
    for version in (
        "1.0 --global-option=x",
        "--pre",
        "../../x",
        "@ file:///etc/passwd",
        "1.0\\n2.0",
        "latest\\e[31m",
    ):
        w.write("kerb.yaml", YAML.replace("1.0", f'"{version}"'))
        w.run("fetch")
    w.verbs = ["status"]
