"""Good workspaces: everything works in them, so the harness can pass."""

import tarfile

from cases import ARTIFACT, CACHE, PULL_REQUEST, case

GOOD = {
    name: {0}
    for name in (
        "fetch-from",
        "fetch",
        "check",
        "apply",
        "export",
        "report",
        "report-html",
        "lint",
        "status",
        "rebase-dry",
        "rebase",
        "log",
        "undo",
        "series",
        "show",
        "fmt",
    )
}


@case(PULL_REQUEST)
def control_good(w):
    """Nothing hostile: every verb does its work."""
    w.exits = GOOD | {n: {2} for n in ("continue", "abort", "resolve", "microversion")}
    w.words = {"check": ["all apply"], "export": ["dist/demo-2024.1"], "log": ["rebase"]}

    def exported(w):
        archive = next((w.ws / "dist").glob("*.tar.gz"))
        with tarfile.open(archive) as files:
            if "demo/main.txt" not in " ".join(files.getnames()):
                w.bad("the archive has not the tree")

    w.after = [exported]


@case(CACHE)
def control_cache(w):
    """Nothing hostile: `.kerb` and `src` are what an earlier run left."""
    w.exits = GOOD
    w.words = {"fetch": ["here already"]}


@case(ARTIFACT)
def control_conflict(w):
    """Nothing hostile: a rebase stops at a conflict, is looked at, resolved and given up."""
    w.conflict()
    w.verbs = ["fetch-from", "rebase", "status", "resolve", "check", "take", "continue", "undo", "log"]
    w.more["take"] = ["resolve", "--take", "theirs"]
    w.exits = {
        "fetch-from": {0},
        "rebase": {3},
        "resolve": {0, 1, 3},
        "take": {0},
        "continue": {0},
        "undo": {0},
    }


@case(CACHE)
def control_moved(w):
    """Nothing hostile: the cache comes into a folder of another name, with a log whose operations are all through."""
    w.start(["report", "--html", "page.html"])
    place = w.root / "elsewhere"
    w.ws.rename(place)
    w.ws = w.site = place
    w.remove("src")
    w.verbs = ["fetch", "check", "status", "log", "export", "report-html", "rebase", "undo"]
    w.exits = {verb: {0} for verb in w.verbs}
