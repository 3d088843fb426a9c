"""Good workspaces: everything works in them, so the harness can pass."""

import tarfile

from cases import ARTIFACT, CACHE, PULL_REQUEST, case

GOOD = "fetch-from fetch check apply export report report-html lint status rebase-dry rebase log undo redo series show fmt"


@case(PULL_REQUEST)
def control_good(w):
    """Nothing hostile: every verb does its work."""
    w.then(GOOD, 0)
    w.then("check", 0, "all apply")
    w.then("export", 0, "dist/demo-2024.1")
    w.then("log", 0, "rebase")
    w.then("continue abort resolve", 2, "no stack stands still on a conflict")
    w.then("microversion", 2, "nothing was examined")

    def exported(w):
        archive = next((w.ws / "dist").glob("*.tar.gz"))
        with tarfile.open(archive) as files:
            if "demo/main.txt" not in " ".join(files.getnames()):
                w.bad("the archive has not the tree")

    w.after = [exported]


@case(CACHE)
def control_cache(w):
    """Nothing hostile: `.kerb` and `src` are what an earlier run left."""
    w.then("fetch", 0, "here already")
    w.then("fetch-from check apply refresh export report-html status rebase undo", 0)


@case(ARTIFACT)
def control_conflict(w):
    """Nothing hostile: a rebase stops at a conflict, is looked at, resolved and taken back."""
    w.conflict()
    w.then("fetch-from", 0)
    w.then("rebase", 3, "stands still on patch 1 of 1")
    w.then("resolve", 0, "src/2024.1/demo/demo/main.txt")
    w.then("continue", 3)
    w.then("status check take continue undo log", 0)


@case(CACHE)
def control_moved(w):
    """Nothing hostile: the cache comes into a folder of another name, with a log whose operations are all through."""
    w.lived_in()
    place = w.root / "elsewhere"
    w.ws.rename(place)
    w.ws = w.site = place
    w.remove("src")
    w.then("fetch check status log export report-html rebase undo", 0)
