"""Holds docs/security.md against what the verbs do: which programs each starts, and which files outside of the
workspace and of the system's libraries it opens.

    KERB=path verbs.py            # compares, exit code 1 where the page says something else
    KERB=path verbs.py --write    # writes the table into the page

Every verb does its work in a good workspace, under strace, as somebody without rights where it was started by root,
and has to end as it is said here. A verb of `kerb --help` that is not here is a failure.
"""

import dataclasses
import multiprocessing
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import typing

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cases
import good
import run as runner
import straced
from world import World

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs/security.md"
BEGIN, END = "<!-- verbs: made by Tests/Hostile/workspaces/verbs.py -->", "<!-- end of verbs -->"
STACK, TREE = good.STACK, f"src/{good.STACK}"
CONFIGURATION = """version: 1
releases: ["2024.1", "2024.2"]
projects:
  demo:
    git: https://127.0.0.1:9/demo
    image_sources: [demo-base]
  kolla:
    git: https://127.0.0.1:9/kolla
counters:
  c:
    title: t
    order: ascending
    projects: [demo]
    readings:
      - {name: m, role: maximum, files: "demo/main.txt", lines: ["{value:number}{end}"]}
"""


@dataclasses.dataclass
class Step:
    """A command, the row of the table that it is counted in (none where it only sets the scene), and its exit code."""

    row: str
    words: list
    code: int = 0
    before: typing.Callable = None


def edited(*changes):
    """Changes lines of the work tree's file."""

    def change(world):
        file = world.ws / TREE / "demo/main.txt"
        text = "\n" + file.read_text()
        for old, new in changes:
            text = text.replace(f"\n{old}\n", f"\n{new}\n")
        file.write_text(text[1:])

    return change


def incoming(world):
    patch = good.mail("demo: say thirty-five", good.change("35", "thirty-five"))
    (world.ws / "incoming.patch").write_bytes(patch)


def end_at(name):
    """Makes another commit the end of upstream's branch."""
    return lambda world: good.Objects(world.up).reference("refs/heads/stable/2024.1", world.names[name])


AUTHOR = ["--author", "a <a@x>"]
MESSAGE = ["-m", "demo: say five and thirty", "-m", "Upstream: never, because it is ours"]
REBASE = ["rebase", STACK, "--update", "--from", "{up}"]
# In an order in which each verb has something to do. What a verb leaves is what the next one finds.
STEPS = [
    Step("init", ["init", "--project", "x", "--git", "https://127.0.0.1:9/x", "new"]),
    Step("fetch", ["fetch", "--from", "{up}"]),
    Step("check", ["check"]),
    Step("check --format sarif --summary FILE", ["check", "--format", "sarif", "--summary", "summary.md"]),
    Step("status", ["status"]),
    Step("series", ["series", STACK]),
    Step("show", ["show", STACK, "one"]),
    Step("files", ["files", STACK]),
    Step("header", ["header", STACK, "one"]),
    Step("graph", ["graph", STACK]),
    Step("lint", ["lint"]),
    Step("fmt --check", ["fmt", "--check"]),
    Step("landed", ["landed"]),
    Step("microversion", ["microversion", "--all"]),
    Step("diff", ["diff", STACK, STACK]),
    Step("report --html", ["report", "--html", "page.html"]),
    Step("report --markdown", ["report", "--markdown", "docs/patches.md"]),
    Step("apply", ["apply", STACK]),
    Step("annotate", ["annotate", STACK, "demo/main.txt"]),
    Step("new", ["new", STACK, "two", *MESSAGE, *AUTHOR], before=edited(("5", "five"), ("30", "thirty"))),
    Step("refresh", ["refresh", STACK, "two"], before=edited(("thirty", "THIRTY"))),
    Step("header --message", ["header", STACK, "two", *MESSAGE]),
    Step("edit", ["edit", STACK, "two", *MESSAGE, *AUTHOR]),
    Step("rename", ["rename", STACK, "two", "second"]),
    Step("reorder", ["reorder", STACK, "second", "--sink"]),
    Step("split", ["split", STACK, "second", "third", "demo/main.txt:2", *MESSAGE, *AUTHOR]),
    Step("fold", ["fold", STACK, "second", "third"]),
    Step("import", ["import", STACK, "incoming.patch"], before=incoming),
    Step("delete", ["delete", STACK, "incoming"]),
    Step(
        "fmt", ["fmt"], before=lambda w: (w.ws / "patches/demo/one.patch").open("a").write("-- \n2.39.5\n\n")
    ),
    Step("export", ["export", STACK, "-o", "dist"]),
    Step("", ["fetch", "2024.1/kolla", "--from", "{up}"]),
    Step("images --plan-only", ["images", "2024.1", "--plan-only"]),
    Step("exec", ["exec", STACK, "--", "/bin/true"]),
    Step("port", ["port", "2024.1", "2024.2", "demo"]),
    Step("fork", ["fork", STACK, "one"]),
    Step("", ["edit", STACK, "one", "-m", "demo: say it", "-m", "Upstream: never, because it is ours"]),
    Step("sync", ["sync", "demo", "one", "--from", "2024.1", "--to", "2024.2"]),
    Step("log", ["log"]),
    Step("undo", ["undo"]),
    Step("redo", ["redo"]),
    Step("bisect", ["bisect", STACK, "--good", "{locked}", "--bad", "{conflicting}", "--repo", "{up}"]),
    Step(
        "replay", ["replay", "--repo", "{up}", "--onto", "{locked}", "--dry-run", "patches/demo/second.patch"]
    ),
    Step("rebase --dry-run", [*REBASE, "--dry-run"]),
    Step("rebase", REBASE),
    Step("", ["undo"]),
    # A run that stands still on a conflict, ended in each of three ways; undo lets it stand again.
    Step("rebase", REBASE, 3, end_at("conflicting")),
    Step("resolve", ["resolve"]),
    Step("resolve --take", ["resolve", "--take", "theirs"]),
    Step("continue", ["continue"]),
    Step("", ["undo"]),
    Step("skip", ["skip"]),
    Step("", ["undo"]),
    Step("abort", ["abort"]),
    Step("completion", ["completion", "bash"]),
]


def prepare(world):
    """A workspace of two projects and two releases, whose upstreams are in one clone."""
    objects = good.Objects(world.up)
    text = objects.blob(b"_ = {\n    'debian': {'name': 'debian', 'tag': 'bookworm'},\n}\n")
    common = objects.tree([("40000", b"common", objects.tree([("100644", b"config.py", text)]))])
    tree = objects.tree([("40000", b"kolla", common)])
    kolla = {"locked": objects.commit(tree), "tree": tree}
    objects.reference("refs/heads/kolla", kolla["locked"])
    world.write("kerb.yaml", CONFIGURATION)
    world.write("series/2024.2", "")
    world.write(
        "series/upstream.lock",
        good.lock_line(world.names)
        + good.lock_line(kolla).replace(" demo ", " kolla ")
        + good.lock_line(world.names).replace("2024.1 demo", "2024.2 demo"),
    )


def observe(world):
    """For each row the programs and the places outside, as the page names them."""
    rows = {}
    prepare(world)
    for step in STEPS:
        if step.before:
            step.before(world)
        words = [w.format(up=world.up, **world.names) if "{" in w else w for w in step.words]
        result = world.start(words, traced=bool(step.row))
        if result.code != step.code or result.hung:
            said = (result.err + result.out).decode("utf-8", "replace")
            raise SystemExit(f"{' '.join(words)}: {result.code}, not {step.code}: {said[-600:]}")
        if not step.row:
            continue
        programs, places = rows.setdefault(step.row, (set(), set()))
        for name, named, flags, _ in straced.events(world.root / "log/trace", str(world.ws)):
            for path in named:
                if not name.startswith("exec"):
                    places.add(place(os.path.realpath(path), world))
                elif path != str(world.kerb):
                    programs.add(os.path.basename(path))
    return {row: (sorted(programs), sorted(places - {None})) for row, (programs, places) in rows.items()}


def without_row(kerb):
    """The verbs of `kerb --help` that no row is about."""
    said = subprocess.run([kerb, "--help"], capture_output=True, text=True, check=True).stdout
    verbs = re.findall(r"^  ([a-z]+)  ", said.partition("SUBCOMMANDS:")[2], re.M)
    if len(verbs) < 30:
        sys.exit(f"kerb --help lists {verbs} only")
    return sorted(set(verbs) - {step.row.split(" ")[0] for step in STEPS})


def place(path, world):
    """What the page calls a path; None for the workspace, programs and libraries."""
    for folder, name in [
        (world.ws, None),
        (world.up, "the clone that it is given"),
        (world.root / "tmp", "TMPDIR"),
    ]:
        if straced.is_below(path, str(folder)):
            return name
    # Foundation looks for what could lie beside a program.
    if path in {str(world.kerb), os.path.dirname(world.kerb), *straced.ON_THE_WAY} or straced.is_above(
        path, [str(world.ws)]
    ):
        return None
    if any(straced.is_below(path, p) for p in world.runtime()):
        return None
    if path.startswith(
        ("/dev/null", "/dev/urandom", "/sys/devices/", "/sys/fs/cgroup/", "/proc/", "pipe:", "/etc/ld.so")
    ):
        return None
    if path.startswith(straced.SYSTEM):
        return None
    if straced.is_below(path, str(world.root / "home")):
        return "~/" + os.path.relpath(path, world.root / "home")
    return path


def table(rows):
    lines = ["| verb | programs | outside |", "| --- | --- | --- |"]
    grouped = {}
    for label, row in rows.items():
        grouped.setdefault((tuple(row[0]), tuple(row[1])), []).append(label)
    for (programs, places), labels in grouped.items():
        lines.append(
            f"| {', '.join(f'`{l}`' for l in labels)} | {', '.join(programs) or 'none'} "
            f"| {', '.join(places) or 'nothing'} |"
        )
    return "\n".join(lines)


def observed(root, kerb, names):
    """The rows, from a process without rights where this one has them."""
    here, there = multiprocessing.Pipe()

    def body():
        if os.getuid() == 0:
            runner.become_nobody()
        os.umask(0o022)
        sandbox = pathlib.Path(root) / "verbs"
        sandbox.mkdir()
        world = World(sandbox, names, kerb, cases.ARTIFACT, True)
        world.workspace("ws")
        there.send(observe(world))

    process = multiprocessing.get_context("fork").Process(target=body)
    process.start()
    there.close()
    try:
        return here.recv()
    except EOFError:
        raise SystemExit(1)
    finally:
        process.join()


def main():
    if not shutil.which("strace"):
        sys.exit("strace is missing")
    kerb = os.path.realpath(os.environ.get("KERB") or ROOT / ".build/debug/kerb")
    os.environ["KERB_RUNTIME"] = runner.runtime(kerb)
    root = tempfile.mkdtemp(prefix="kerb-verbs-")
    os.chmod(root, 0o755)
    if os.getuid() == 0:
        os.chown(root, runner.NOBODY, runner.NOBODY)
    try:
        kerb = runner.reachable(kerb, root)
        if missing := without_row(kerb):
            sys.exit(f"no row is about {', '.join(missing)}: give STEPS one")
        rows = observed(root, pathlib.Path(kerb), runner.make_base(root, kerb))
    finally:
        good.remove(root)
    found = f"{BEGIN}\n{table(rows)}\n{END}"
    page = PAGE.read_text()
    told = re.search(re.escape(BEGIN) + ".*?" + re.escape(END), page, re.S)
    if "--write" in sys.argv:
        PAGE.write_text(page.replace(told[0], found))
    elif told[0] != found:
        print(f"docs/security.md says\n{told[0]}\nand kerb does\n{found}")
        sys.exit(1)
    print(f"{len(rows)} passed, 0 failed")


if __name__ == "__main__":
    main()
