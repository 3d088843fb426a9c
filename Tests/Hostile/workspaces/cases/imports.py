"""Patches, lists and messages that a command line names, and that are links or lead out."""

import good
from cases import CACHE, case

LINK = "is a symbolic link in the git clone around the workspace, and kerb follows none there"
NOT_FOLLOWED = "a symbolic link; kerb follows none in a workspace"


def incoming(w):
    """A folder of patches as quilt has them: a good one, and links to one outside with a secret in it."""
    patch = good.mail("demo: say thirty", good.change("30", "thirty"))
    w.write("incoming/two.patch", patch)
    (w.outside / "three.patch").write_bytes(patch.replace(b"Words", good.SECRETS["file"].encode()))
    w.link("incoming/three.patch", w.outside / "three.patch")
    w.link("incoming/sub", w.outside)
    w.link("way", w.outside)


def run(w, form, entry, code, says):
    w.write("incoming/series", entry + "\n")
    w.run("import", code, says, command=["import", good.STACK, f"--{form}", "incoming/series", "--dry-run"])


@case(CACHE)
def import_series(w):
    """A series of quilt, and a list, have entries that are links, lead out with `..`, are absolute or options."""
    incoming(w)
    for form in ("quilt", "order"):
        leaves = (
            "is no file in this folder" if form == "quilt" else "is no file in or below the list's folder"
        )
        run(w, form, "two.patch", 0, "added patches/demo/two.patch")
        run(w, form, "three.patch", 2, f"incoming/three.patch: error: {NOT_FOLLOWED}")
        for entry in (
            "../../outside/three.patch",
            str(w.outside / "three.patch"),
            "../way/three.patch",
            "two.patch -R",
        ):
            run(
                w,
                form,
                entry,
                2,
                "[series-option]" if entry == "two.patch -R" and form == "quilt" else leaves,
            )
        run(
            w,
            form,
            "sub/three.patch",
            2,
            "incoming/sub/three.patch: error: sub is a symbolic link or no folder",
        )
        w.link("incoming/series", w.outside / "secret")
        w.run("import", 2, LINK, command=["import", good.STACK, f"--{form}", "incoming/series"])
        w.remove("incoming/series")


@case(CACHE)
def import_files(w):
    """Patches, whole texts and messages that are taken from files are links to files outside."""
    incoming(w)
    w.link("message", w.outside / "secret")
    for words in (
        ["import", good.STACK, "incoming/three.patch"],
        ["import", good.STACK, "way/three.patch"],
        ["edit", good.STACK, "one", "--text", "incoming/three.patch"],
        ["edit", good.STACK, "one", "--file", "message"],
        ["header", good.STACK, "one", "--file", "message"],
        ["new", good.STACK, "x", "--file", "message"],
    ):
        w.run(words[0], 2, LINK, command=words)
    w.then(
        "import",
        0,
        "added patches/demo/two.patch",
        command=["import", good.STACK, "incoming/two.patch", "-n"],
    )
