"""What CI names as an output is something that came with the pull request; and outputs of other kinds."""

import os
import signal
import stat
import tarfile

import good
from cases import ARTIFACT, CACHE, PULL_REQUEST, SURROUNDINGS, case

LINK = "is a symbolic link in the git clone around the workspace, and kerb follows none there"
PAGES = ("page.html", "docs/patches.md", "sum.md")


@case(PULL_REQUEST)
def output_folder_link(w):
    """`dist`, the folder that CI exports to, is a tracked link to a folder outside."""
    w.link("dist", "../outside/keys")
    w.then("fetch-from", 0)
    w.then("export export-dir export-mbox export-quilt", 2, f"'dist' {LINK}")


@case(PULL_REQUEST)
def output_folder_above_link(w):
    """A folder above the one that CI exports to is a tracked link."""
    w.link("build", "../outside/keys")
    w.then("fetch-from", 0)
    w.then("export", 2, f"'build' {LINK}", command=["export", good.STACK, "-o", "build/dist"])


@case(CACHE)
def output_archive_link(w):
    """The archive's own name, and those of patches, are links to files outside; folders are full of them."""
    labels = ("export", "export-dir", "export-mbox", "export-quilt")
    for label in labels:
        w.run(label, 0)
    made = [p.relative_to(w.ws) for p in (w.ws / "dist").rglob("*") if p.is_file()]
    for path in made:
        w.link(path, w.outside / "precious")
    w.then("export export-mbox", 2, "dist/", LINK)
    w.then("export-dir export-quilt", 1, "is there and not an empty folder")


@case(PULL_REQUEST)
def output_page_link(w):
    """The pages that CI writes are tracked links to files outside, and to nothing."""
    w.publish()
    w.site = w.ws
    w.run("fetch-from", 0)
    for target in ("precious", "made"):
        for path in PAGES:
            w.link(path, w.outside / target)
        w.run("report-html", 2, f"'page.html' {LINK}")
        w.run("markdown", 2, f"'docs/patches.md' {LINK}")
        w.run("summary", 2, f"'sum.md' {LINK}")
    w.run("markdown", 2, LINK, command=["report", "--markdown", "docs/patches.md", "--check"])


@case(PULL_REQUEST)
def output_page_folder_link(w):
    """The folder of the pages is a tracked link to one outside."""
    w.link("docs", "../outside/keys")
    w.then("fetch-from", 0)
    w.then("report-html", 2, f"'docs' {LINK}", command=["report", "--html", "docs/page.html"])
    w.then("markdown", 2, f"'docs' {LINK}")
    w.then("summary", 2, f"'docs' {LINK}", command=["check", "--summary", "docs/sum.md"])


@case(PULL_REQUEST)
def output_since_link(w):
    """An older page, which the new one is compared with, is a link to a secret."""
    w.link("old.html", "../outside/secret")
    w.then("fetch-from", 0)
    w.then(
        "report-html",
        2,
        f"'old.html' {LINK}",
        command=["report", "--html", "page.html", "--since", "old.html"],
    )


@case(PULL_REQUEST)
def output_fix_link(w):
    """The folder for mended files, or one above it, is a tracked link to one outside, or to nothing; there is
    something to mend."""
    w.add("patches/demo/one.patch", "-- \n2.39.5\n\n")
    w.link("fix", "../outside/keys")
    w.link("nothing", "../outside/made")
    w.then("fetch-from", 0)
    for place, name in (("fix", "fix"), ("fix/x", "fix"), ("nothing", "nothing"), ("nothing/x", "nothing")):
        w.then("check", 2, f"'{name}' {LINK}", command=["check", "--fix-to", place])
    w.then("check", 0, "1 file in mended", command=["check", "--fix-to", "mended"])
    w.then("check", 1, "is there and not an empty folder", command=["check", "--fix-to", "patches"])


@case(PULL_REQUEST)
def output_images_link(w):
    """The folder of images is a tracked link to one outside."""
    w.write(
        "kerb.yaml",
        good.CONFIGURATION + "    image_sources: [demo-base]\n  kolla:\n    git: https://127.0.0.1:9/k\n",
    )
    w.add("series/upstream.lock", good.lock_line(w.names).replace(" demo ", " kolla "))
    w.link("images", "../outside/keys")
    w.then("fetch-from", 0)
    w.then("images", 2, f"'images' {LINK}")
    w.then("images", 2, f"'images' {LINK}", command=["images", "2024.1", "--plan-only", "-o", "images/x"])


@case(ARTIFACT)
def output_pipes(w):
    """Outputs are pipes that nobody reads."""
    w.folder("docs")
    for name in PAGES:
        w.fifo(name)
    w.then("fetch-from", 0)
    w.then(
        "report-html markdown summary", 2, "is a device, pipe or socket in the git clone around the workspace"
    )


@case(PULL_REQUEST)
def output_old_page(w):
    """The older page is hostile: deep, huge, with scripts and escape sequences; the new one is written over it."""
    w.write("page.html", "<script>" + '{"stacks":' * 100_000 + "\x1b[31m" + "x" * (4 << 20))
    w.write(".gitignore", "/.kerb/\n/src/\n/dist/\n")
    w.then("fetch-from report-html", 0)


@case(PULL_REQUEST)
def output_page_markup(w):
    """Names and letters have markup: none of it is in the page as such, and what it says is there."""
    text = good.mail("demo: <script>alert(1)</script>", good.change()).replace(
        b"Words", b"</pre><img src=x onerror=x> ](javascript:x) Words"
    )
    w.write("patches/demo/one.patch", text.replace(b"From: a <a@x>", b'From: "<b>" <a@x>'))
    w.then("fetch-from report-html report", 0)

    def look(w):
        page = (w.ws / "page.html").read_bytes()
        for bad in (b"<script>alert", b"<img src=x", b"<b>"):
            if bad in page:
                w.bad(f"the page has {bad!r} as markup")
        if b"&lt;script&gt;alert(1)&lt;/script&gt;" not in page:
            w.bad("the page has not the patch's subject")

    w.after = [look]


# As root.


@case(SURROUNDINGS, as_root=True)
def root_device(w):
    """As root, a device that is named as output stays a device, and a link outside is not replaced."""
    for name in ("null", "page"):
        os.mknod(w.root / "outside" / name, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    w.link("page.md", w.outside / "page")
    w.may_read, w.may_write = [w.outside], [w.outside / "null", w.outside / "page"]
    null = str(w.outside / "null")
    w.then("fetch-from", 0)
    w.then("markdown", 0, command=["report", "--markdown", null])
    w.then("report-html", 0, command=["report", "--html", null])
    w.then("summary", 0, command=["check", "--summary", null])
    w.then("markdown", 2, f"'page.md' {LINK}", command=["report", "--markdown", "page.md"])

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
    w.then("fetch-from", 0)
    w.then("markdown", 0, "say twenty", command=["report", "--markdown", str(w.outside / "stdout")])
    w.then("summary", 0, "2024.1/demo", command=["check", "--summary", str(w.outside / "stdout")])


@case(PULL_REQUEST, as_root=True)
def root_good(w):
    """As root nothing is different: a good workspace works, links at outputs are not written through."""
    w.link("docs/patches.md", w.outside / "precious")
    w.then("fetch-from check apply export", 0)
    w.then("markdown", 2, f"'docs/patches.md' {LINK}")
    w.then("status rebase undo", 0)


# Where the output goes.


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
            w.lines.append(f"{' '.join(words)}: {result.code}")
            if result.code != 5:
                w.bad(f"{' '.join(words)} to a full device: exit {result.code}, not 5: {result.err[-100:]!r}")


@case(SURROUNDINGS)
def output_gone(w):
    """Nobody reads the output: the end is that of other tools, SIGPIPE, and no crash."""
    for words in (
        ["check"],
        ["series", good.STACK],
        ["show", good.STACK, "1"],
        ["status"],
        ["completion", "bash"],
    ):
        reader, writer = os.pipe()
        os.close(reader)
        result = w.start(words, stdout=writer)
        os.close(writer)
        w.lines.append(f"{' '.join(words)}: {result.code}")
        if result.code != -signal.SIGPIPE:
            w.bad(f"{words[0]} to a closed pipe: {result.code}")


@case(ARTIFACT)
def output_export_modes(w):
    """The export has plain modes and owners, whatever the mask is."""
    w.mask = 0
    w.then("fetch-from export", 0)

    def look(w):
        archive = next((w.ws / "dist").glob("*.tar.gz"))
        with tarfile.open(archive) as files:
            members = files.getmembers()
            odd = [m.name for m in members if m.mode & 0o7022 or m.uid or m.gid]
        if odd or len(members) < 3:
            w.bad(f"odd modes or owners in the archive: {odd or 'it is empty'}")

    w.after = [look]
