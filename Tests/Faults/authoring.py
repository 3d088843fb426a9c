#!/usr/bin/env python3
"""Kills kerb, or lets a call fail, at every call that writes, while it edits patches.

    authoring.py --kerb BIN [--only NAME…] [--fault KILL|ENOSPC|EIO|EACCES…] [--every N] [--jobs N]
    authoring.py --kerb BIN --pairs N

Like moves.py, for the commands that edit stacks. Besides, where all of the command's files are there, a
refresh that follows must find every patch as it was, whatever became of branch and work tree. With --pairs, two
commands start at the same moment, N times: what they leave must be what one after the other leaves. Exit
status 1 if one of these does not hold. Needs strace and cc, but not for pairs.
"""

import subprocess
import sys
import tempfile

import moves
from moves import Scenario

moves.ENVIRONMENT["SOURCE_DATE_EPOCH"] = "1700000000"
LIST = "".join(f"{number}\n" for number in range(1, 31))


def tree(world):
    return world.workspace / "src/2024.1/demo"


def applied(world):
    world.run(world.kerb, "apply", "demo", folder=world.workspace)


def edit(world, line, text):
    file = tree(world) / "list.txt"
    file.write_text(file.read_text().replace(f"\n{line}\n", f"\n{text}\n", 1))


def edited(world):
    applied(world)
    edit(world, "20", "twenty")


def touched(world):
    applied(world)
    edit(world, "five", "FIVE")


def committed(world):
    touched(world)
    world.run("git", "commit", "-q", "-a", "-m", f"fixup! {subject(world, 'list')}", folder=tree(world))
    (tree(world) / "c.txt").write_text("c\nd\ne\n")
    world.run("git", "commit", "-q", "-a", "-m", "Another thing", folder=tree(world))


def subject(world, word):
    log = world.run("git", "log", "--format=%s", "-3", folder=tree(world)).stdout.splitlines()
    return next(line for line in log if word in line)


def parted(world):
    """Both releases have another line beside, so that an edit fits one of them only."""
    moved = LIST.replace("\n9\n", "\nnine\n")
    world.commit("upstream", {"list.txt": moved})
    world.run(world.kerb, "fetch", "master", "--update", "--from", world.folder / "upstream",
              folder=world.workspace)
    applied(world)
    edit(world, "9", "9\n9.5")


def forked(world):
    """Both releases have a text of their own, and each has changed it."""
    applied(world)
    world.run(world.kerb, "fork", STACK, NAMES["list"], folder=world.workspace)
    edit(world, "five", "FIVE")
    world.run(world.kerb, "refresh", STACK, NAMES["list"], folder=world.workspace)
    file = world.workspace / "src/master/demo/list.txt"
    file.write_text(file.read_text().replace("\n25\n", "\ntwenty-five\n", 1))
    world.run(world.kerb, "refresh", "master/demo", NAMES["list"], folder=world.workspace)


def diff(world):
    applied(world)
    world.commit("clone", {"extra.txt": "extra\n"})
    patch = world.run("git", "show", folder=world.folder / "clone").stdout
    (world.folder / "extra.patch").write_text(patch)


def joined(world):
    applied(world)
    world.run(world.kerb, "fold", "demo", NAMES["list"], NAMES["code"], folder=world.workspace)


def untidy(world):
    applied(world)
    for name in ["list", "code"]:
        file = world.workspace / f"patches/demo/{NAMES[name]}.patch"
        file.write_text(file.read_text().replace("-- \n", "-- \n2.39\n", 1) + "-- \n2.39\n")


def renamed(world):
    applied(world)
    world.run(world.kerb, "rename", "demo", NAMES["code"], "code", folder=world.workspace)


def undone(world):
    renamed(world)
    world.run(world.kerb, "undo", folder=world.workspace)


def quilt(world):
    applied(world)
    folder = world.folder / "quilt"
    folder.mkdir()
    for name in ["one", "two"]:
        (folder / f"{name}.diff").write_text(
            f"{name}\n\n--- /dev/null\n+++ b/{name}.txt\n@@ -0,0 +1 @@\n+{name}\n")
    (folder / "series").write_text("one.diff\ntwo.diff -p1\n")


def ordered(world):
    quilt(world)
    (world.folder / "quilt/ORDER").write_text("one.diff\ntwo.diff\n")


def longer(world):
    """Applied before its patches changed by hand."""
    applied(world)
    file = world.workspace / f"patches/demo/{NAMES['list']}.patch"
    file.write_text(file.read_text().replace("+five", "+FIVE"))


def remembering(world):
    moves.resolved(world)
    world.run(world.kerb, "continue", folder=world.workspace)


HISTORY = 'HISTORY = """\n    * 2.95 - Stop evacuated instances.\n{}"""\n\n_MAX_API_VERSION = "{}"\n'


def numbered(world):
    """A second project, whose patch takes the API microversion after the one that is free."""
    upstream = world.folder / "nova"
    place = "nova/api/openstack/api_version_request.py"
    (upstream / place).parent.mkdir(parents=True)
    (upstream / place).write_text(HISTORY.format("", "2.95"))
    run = lambda *words: world.run("git", *words, folder=upstream)
    run("init", "-q", "-b", "master")
    run("add", ".")
    run("commit", "-q", "-m", "nova")
    (upstream / place).write_text(HISTORY.format("    * 2.97 - Add direct consoles.\n", "2.97"))
    run("commit", "-q", "-a", "-m", "Direct consoles")
    patches = world.workspace / "patches/nova"
    patches.mkdir()
    text = run("format-patch", "--stdout", *(word for word in moves.FORMAT if word != "-q"), "-1").stdout
    (patches / "direct.patch").write_text(text)
    run("reset", "-q", "--hard", "HEAD~1")
    configuration = world.workspace / "kerb.yaml"
    configuration.write_text(configuration.read_text() + "  nova:\n    git: https://example.org/n.git\n")
    series = world.workspace / "series/master"
    series.write_text(series.read_text() + "nova/direct.patch\n")
    world.run(world.kerb, "fetch", "master/nova", "--update", "--from", upstream, folder=world.workspace)


def branches(world):
    """What `apply` makes: the branches and the files."""
    found = world.trees()
    refs = world.run("git", "-C", ".kerb/upstream/demo.git", "for-each-ref", "refs/heads", "refs/kerb",
                     folder=world.workspace)
    for release in ["2024.1", "master"]:
        folder = world.workspace / f"src/{release}/demo"
        if folder.exists():
            status = world.run("git", "status", "--porcelain", "--branch", folder=folder, accept=None)
            found[f"status {release}"] = status.stdout
    return {"refs": refs.stdout, **found}


def outside(world):
    """What an export makes. What a kill leaves beside it has a name of its own."""
    return {name: text for name, text in world.files("out").items() if "/.kerb-" not in name}


def pages(world):
    return world.files("docs")


def fresh(world):
    return world.files("fresh", without=[".kerb"])


NAMES = {"list": "change-list.txt", "code": "change-code.py", "c": "change-c.txt"}
STACK = "2024.1/demo"
SCENARIOS = {
    "refresh": Scenario(edited, ["refresh", STACK, NAMES["list"]]),
    "absorb": Scenario(touched, ["refresh", STACK, "--absorb"]),
    "commits": Scenario(committed, ["refresh", STACK]),
    "part": Scenario(parted, ["refresh", STACK, NAMES["list"]]),
    "new": Scenario(edited, ["new", STACK, "twenty", "-m", "Twenty"]),
    "edit": Scenario(applied, ["edit", STACK, NAMES["code"], "-m", "Another subject"]),
    "header": Scenario(applied, ["header", STACK, NAMES["code"], "--trailer", "Change-Id: I01"]),
    "rename": Scenario(applied, ["rename", "demo", NAMES["code"], "code"]),
    "delete": Scenario(applied, ["delete", "demo", NAMES["code"]]),
    "reorder": Scenario(applied, ["reorder", "demo", NAMES["code"], "--sink"]),
    "fold": Scenario(applied, ["fold", "demo", NAMES["list"], NAMES["code"]]),
    "split": Scenario(joined, ["split", STACK, NAMES["list"], "code", "code.py", "-m", "Code"]),
    "import": Scenario(diff, ["import", STACK, "../extra.patch"]),
    "quilt": Scenario(quilt, ["import", "demo", "--quilt", "../quilt/series"]),
    "order": Scenario(ordered, ["import", "demo", "--order", "../quilt/ORDER"]),
    "fork": Scenario(applied, ["fork", STACK, NAMES["code"]]),
    "sync": Scenario(forked, ["sync", "demo", NAMES["list"], "--from", "2024.1"]),
    "renumber": Scenario(
        numbered, ["microversion", "master/nova", "--renumber", "2.97=2.96"], 1, settles=False),
    "take": Scenario(moves.stopped, ["resolve", "--take", "2"], state=moves.World.trees, settles=False),
    "forget": Scenario(remembering, ["resolve", "--forget", "code.py"], settles=False),
    "fix": Scenario(untidy, ["check", "--fix-to", "out/fix"], state=outside),
    "fmt": Scenario(untidy, ["fmt"]),
    "undo": Scenario(renamed, ["undo"]),
    "redo": Scenario(undone, ["redo"]),
    "fetch": Scenario(lambda world: None, ["fetch", "--update", "--from", "../upstream"], settles=False),
    "report": Scenario(applied, ["report", "--markdown", "docs/patches.md"], state=pages),
    "apply": Scenario(lambda world: None, ["apply", "demo"], state=branches, is_derived=True),
    "apply again": Scenario(longer, ["apply", "demo"], state=branches, is_derived=True),
    "folder": Scenario(applied, ["export", STACK, "--format", "dir", "-o", "out"], state=outside),
    "archive": Scenario(applied, ["export", STACK, "-o", "out"], state=outside),
    # No command but the next `init` finds a workspace that is not in place yet.
    "init": Scenario(
        lambda world: None, ["init", "fresh", "--project", "demo", "--git", "https://example.org/d.git"],
        state=fresh, is_derived=True, again=(0, 2), after=("fmt", "-C", "fresh")),
}
# What must find every patch as it is, whatever was written before.
SETTLED = ["refresh", STACK]


class World(moves.World):
    """The same world with plain names for its patches."""

    def build(self):
        super().build()
        lines = []
        for file in sorted((self.workspace / "patches/demo").iterdir()):
            key = next(key for key in ("list", "code", "c") if f"-{key}" in file.name)
            file.rename(file.with_name(f"{NAMES[key]}.patch"))
            lines.append((["list", "code", "c"].index(key), f"demo/{NAMES[key]}.patch\n"))
        for release in ["2024.1", "master"]:
            (self.workspace / "series" / release).write_text("".join(line for _, line in sorted(lines)))


PAIRS = [
    (["refresh", STACK, NAMES["list"]], ["reorder", "demo", NAMES["code"], "--sink"]),
    (["refresh", STACK, "--absorb"], ["rename", "demo", NAMES["c"], "c"]),
    (["delete", "demo", NAMES["c"]], ["edit", STACK, NAMES["code"], "-m", "Another subject"]),
    (["fork", STACK, NAMES["code"]], ["fold", "demo", NAMES["list"], NAMES["c"]]),
]


def pairs(kerb, count):
    """Two commands at the same moment."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(kerb, folder)
        touched(world)
        world.save()
        expected = []
        for pair in PAIRS:
            states = []
            for order in (pair, pair[::-1]):
                world.restore()
                for command in order:
                    world.run(kerb, *command, folder=world.workspace)
                states.append(world.state())
            expected.append(states)
        wrong = 0
        for number in range(count):
            world.restore()
            place = number % len(PAIRS)
            running = [
                subprocess.Popen([kerb, *command], cwd=world.workspace, env=moves.ENVIRONMENT,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                for command in PAIRS[place]]
            told = [process.communicate() for process in running]
            after = world.run(kerb, "refresh", STACK, "--dry-run", folder=world.workspace, accept=None)
            fine = all(process.returncode == 0 for process in running) and after.returncode == 0
            if not fine or world.state() not in expected[place]:
                wrong += 1
                print(number, PAIRS[place], [process.returncode for process in running], told, after.stderr)
        print(f"{count} pairs: {wrong} wrong")
        return wrong


def main():
    options = moves.arguments(__doc__, SCENARIOS)
    options.add_argument("--pairs", type=int)
    chosen = options.parse_args()
    if chosen.pairs:
        sys.exit(1 if pairs(chosen.kerb, chosen.pairs) else 0)
    moves.play_all(World, chosen, SCENARIOS, SETTLED)


if __name__ == "__main__":
    main()
