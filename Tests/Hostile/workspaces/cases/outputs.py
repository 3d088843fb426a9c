"""What CI names as an output is something that came with the pull request; and outputs of other kinds."""

import os
import stat
import tarfile

import good
from cases import ARTIFACT, PULL_REQUEST, SURROUNDINGS, case


@case(PULL_REQUEST)
def output_folder_link(w):
    """`dist`, the folder that CI exports to, is a tracked link to a folder outside."""
    w.link("dist", "../outside/keys")
    w.verbs = ["fetch-from", "export", "export-dir", "export-mbox", "export-quilt"]
    w.more = {
        f"export-{f}": ["export", good.STACK, "-o", "dist", "--format", f] for f in ("dir", "mbox", "quilt")
    }
    w.exits = {"export": {1, 2, 5}}


@case(PULL_REQUEST)
def output_folder_above_link(w):
    """A folder above the one that CI exports to is a tracked link."""
    w.link("build", "../outside/keys")
    w.verbs = ["fetch-from", "export"]
    w.more = {"export": ["export", good.STACK, "-o", "build/dist"]}
    w.exits = {"export": {1, 2, 5}}


@case(ARTIFACT)
def output_archive_link(w):
    """The archive's own name, and those of folders and patches, are links to files outside."""
    w.run("fetch-from")
    w.run("export")
    formats = ("dir", "mbox", "quilt")
    for form in formats:
        w.run("export", ["export", good.STACK, "-o", f"dist/{form}", "--format", form])
    made = [p.relative_to(w.ws) for p in (w.ws / "dist").rglob("*") if p.is_file()]
    for path in made:
        w.link(path, w.outside / "precious")
    w.verbs = ["export", *(f"export-{f}" for f in formats)]
    w.more = {f"export-{f}": ["export", good.STACK, "-o", f"dist/{f}", "--format", f] for f in formats}


@case(PULL_REQUEST)
def output_page_link(w):
    """The pages that CI writes are tracked links to files outside."""
    for name in ("page.html", "docs/patches.md", "sum.md"):
        w.link(name, w.outside / "precious")
    w.verbs = ["fetch-from", "html", "markdown", "summary", "check-report"]
    w.more = {
        "html": ["report", "--html", "page.html"],
        "markdown": ["report", "--markdown", "docs/patches.md"],
        "summary": ["check", "--summary", "sum.md"],
        "check-report": ["report", "--markdown", "docs/patches.md", "--check"],
    }


@case(PULL_REQUEST)
def output_page_folder_link(w):
    """The folder of the pages is a tracked link to one outside."""
    w.link("docs", "../outside/keys")
    w.verbs = ["fetch-from", "html", "markdown", "summary"]
    w.more = {
        "html": ["report", "--html", "docs/page.html"],
        "markdown": ["report", "--markdown", "docs/patches.md"],
        "summary": ["check", "--summary", "docs/sum.md"],
    }


@case(PULL_REQUEST)
def output_page_dangling(w):
    """The pages that CI writes are tracked links to nothing."""
    for name in ("page.html", "docs/patches.md", "sum.md", "dist"):
        w.link(name, w.outside / "made")
    w.verbs = ["fetch-from", "html", "markdown", "summary", "export"]
    w.more = {
        "html": ["report", "--html", "page.html"],
        "markdown": ["report", "--markdown", "docs/patches.md"],
        "summary": ["check", "--summary", "sum.md"],
    }


@case(PULL_REQUEST)
def output_since_link(w):
    """An older page, which the new one is compared with, is a link to a secret."""
    w.link("old.html", "../outside/secret")
    w.verbs = ["fetch-from", "since"]
    w.more = {"since": ["report", "--html", "page.html", "--since", "old.html"]}


@case(PULL_REQUEST)
def output_fix_link(w):
    """The folder for mended files is a tracked link to one outside."""
    w.link("fix", "../outside/keys")
    w.write("patches/demo/one.patch", w.at("patches/demo/one.patch").read_bytes().replace(b"[PATCH] ", b""))
    w.verbs = ["fetch-from", "fix"]
    w.more = {"fix": ["check", "--fix-to", "fix"]}


@case(PULL_REQUEST)
def output_images_link(w):
    """The folder of images is a tracked link to one outside."""
    w.link("images", "../outside/keys")
    w.verbs = ["fetch-from", "images"]
    w.more = {"images": ["images", "2024.1", "--template-only"]}


@case(ARTIFACT)
def output_pipes(w):
    """Outputs are pipes that nobody reads."""
    for name in ("page.html", "patches.md", "sum.md"):
        w.fifo(name)
    w.folder("dist")
    w.verbs = ["fetch-from", "html", "markdown", "summary"]
    w.more = {
        "html": ["report", "--html", "page.html"],
        "markdown": ["report", "--markdown", "patches.md"],
        "summary": ["check", "--summary", "sum.md"],
    }


@case(PULL_REQUEST)
def output_old_page(w):
    """The older page is hostile: deep, huge, with scripts and escape sequences; the new one is written over it."""
    w.write("page.html", "<script>" + '{"stacks":' * 100_000 + "\x1b[31m" + "x" * (4 << 20))
    w.write(".gitignore", "/.kerb/\n/src/\n/dist/\n")
    w.verbs = ["fetch-from", "report-html"]


@case(PULL_REQUEST)
def output_page_markup(w):
    """Names and letters have markup: none of it is in the page as such."""
    text = good.mail("demo: <script>alert(1)</script>", good.change()).replace(
        b"Words", b"</pre><img src=x onerror=x> ](javascript:x) Words"
    )
    w.write("patches/demo/one.patch", text.replace(b"From: a <a@x>", b'From: "<b>" <a@x>'))
    w.verbs = ["fetch-from", "report-html", "report"]

    def look(w):
        page = (w.ws / "page.html").read_bytes() if (w.ws / "page.html").exists() else b""
        for bad in (b"<script>alert", b"<img src=x", b"<b>"):
            if bad in page:
                w.bad(f"the page has {bad!r} as markup")

    w.after = [look]


@case(SURROUNDINGS, as_root=True)
def root_device(w):
    """As root, a device that is named as output stays a device, and a link outside is not replaced."""
    for name in ("null", "page"):
        os.mknod(w.root / "outside" / name, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    w.link("page.md", w.outside / "page")
    w.may_read, w.may_write = [w.outside], [w.outside / "null", w.outside / "page"]
    w.verbs = ["fetch-from", "markdown", "html", "summary", "link"]
    w.more = {
        "markdown": ["report", "--markdown", str(w.outside / "null")],
        "html": ["report", "--html", str(w.outside / "null")],
        "summary": ["check", "--summary", str(w.outside / "null")],
        "link": ["report", "--markdown", "page.md"],
    }

    def look(w):
        for name in ("null", "page"):
            if not stat.S_ISCHR(os.lstat(w.outside / name).st_mode):
                w.bad(f"the device {name} was replaced")

    w.after = [look]


@case(SURROUNDINGS, as_root=True)
def root_standard_output(w):
    """As root, a page is written to /dev/stdout by way of a link of the case's own: the link stays."""
    os.symlink("/proc/self/fd/1", w.outside / "stdout")
    w.may_read, w.may_write = [w.outside], [w.root / "log"]
    w.verbs = ["fetch-from", "markdown", "summary"]
    w.more = {
        "markdown": ["report", "--markdown", str(w.outside / "stdout")],
        "summary": ["check", "--summary", str(w.outside / "stdout")],
    }


@case(PULL_REQUEST, as_root=True)
def root_good(w):
    """As root nothing is different: a good workspace works, links at outputs are not written through."""
    w.link("docs/patches.md", w.outside / "precious")
    w.verbs = ["fetch-from", "check", "apply", "export", "markdown", "status", "rebase", "undo"]
    w.more = {"markdown": ["report", "--markdown", "docs/patches.md"]}
    w.exits = {v: {0} for v in ("fetch-from", "check", "apply", "export", "status")}


@case(SURROUNDINGS)
def output_full(w):
    """The output is full: the exit code says so, and no signal ends it."""
    with open("/dev/full", "w") as full:
        for words in (
            ["check"],
            ["check", "--json"],
            ["status"],
            ["lint"],
            ["series", good.STACK],
            ["--help"],
            ["report"],
        ):
            result = w.start(words, stdout=full)
            if result.code != 5:
                w.bad(f"{' '.join(words)} to a full device: exit {result.code}, not 5: {result.err[-100:]!r}")
    w.verbs = ["check"]


@case(SURROUNDINGS)
def output_gone(w):
    """Nobody reads the output: no crash."""
    for words in (
        ["check"],
        ["series", good.STACK],
        ["show", good.STACK, "1"],
        ["log"],
        ["completion", "bash"],
    ):
        reader, writer = os.pipe()
        os.close(reader)
        result = w.start(words, stdout=writer)
        os.close(writer)
        if result.code not in (-13, 141, 0, 1, 2, 5):
            w.bad(f"{words[0]} to a closed pipe: {result.code}")
    w.verbs = ["check"]


@case(ARTIFACT)
def output_export_modes(w):
    """The export has plain modes and owners, whatever the mask is."""
    w.verbs = ["fetch-from", "export"]

    def look(w):
        for archive in (w.ws / "dist").glob("*.tar.gz"):
            with tarfile.open(archive) as files:
                odd = [m.name for m in files if m.mode & 0o7022 or m.uid or m.gid]
            if odd:
                w.bad(f"odd modes or owners in the archive: {odd[0]}")

    w.after = [look]
