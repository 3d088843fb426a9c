"""A case's sandbox: what it plants, and kerb run in it while somebody watches."""

import dataclasses
import os
import pathlib
import resource
import signal
import subprocess
import threading
import time

import good
import planting
import straced
import watch

# Label and words of every command that cases name, in the order in which CI and people run them.
COMMANDS = {
    "fetch-from": ["fetch", "--from", "{up}"],
    "fetch": ["fetch"],
    "check": ["check"],
    "apply": ["apply", good.STACK],
    "export": ["export", good.STACK, "-o", "dist"],
    "report": ["report"],
    "report-html": ["report", "--html", "page.html"],
    "lint": ["lint"],
    "status": ["status"],
    "rebase-dry": ["rebase", good.STACK, "--update", "--from", "{up}", "--dry-run"],
    "rebase": ["rebase", good.STACK, "--update", "--from", "{up}"],
    "continue": ["continue"],
    "skip": ["skip"],
    "abort": ["abort"],
    "resolve": ["resolve"],
    "log": ["log"],
    "undo": ["undo"],
    "redo": ["redo"],
    "microversion": ["microversion"],
    "series": ["series", good.STACK],
    "show": ["show", good.STACK, "1"],
    "fmt": ["fmt", "--check"],
}
CHAIN = list(COMMANDS)
# Of a workspace that is refused before anything is looked at these few stand for all.
FEW = ["check", "fetch-from", "undo"]
COMMANDS |= {
    "export-dir": ["export", good.STACK, "--format", "dir", "-o", "dist/dir"],
    "export-mbox": ["export", good.STACK, "--format", "mbox", "-o", "dist/mbox"],
    "export-quilt": ["export", good.STACK, "--format", "quilt", "-o", "dist/quilt"],
    "fmt-write": ["fmt"],
    "images": ["images", "2024.1", "--template-only"],
    "landed": ["landed"],
    "markdown": ["report", "--markdown", "docs/patches.md"],
    "microversion-all": ["microversion", "--all"],
    "rebase-network": ["rebase", good.STACK, "--update"],
    "refresh": ["refresh", good.STACK],
    "refresh-dry": ["refresh", good.STACK, "--dry-run"],
    "remembered": ["resolve", "--remembered"],
    "summary": ["check", "--summary", "sum.md"],
    "take": ["resolve", "--take", "theirs"],
}
# These may change files that git tracks; of the others none may.
WRITERS = {"fetch-from", "fetch", "rebase", "continue", "abort", "undo", "skip", "take", "redo", "forget"}
# Only these start programs: git, and what fetches archives.
STARTERS = {"fetch-from", "fetch", "rebase-dry", "rebase", "rebase-network"}
DERIVED = (".git", ".kerb", "src", "dist", "page.html", "images", "mended")


class Skipped(Exception):
    """A case that cannot be tried here; its words say why."""


@dataclasses.dataclass
class Limits:
    """Seconds after which a command hangs, and memory. How long one takes is printed and not judged."""

    wall: float = 60
    megabytes: int = 300


@dataclasses.dataclass
class Step:
    """A command to run, the exit code with which it has to end, and the words that it has to say."""

    label: str
    code: int
    says: tuple
    command: list | None = None


@dataclasses.dataclass
class Result:
    code: int
    out: bytes
    err: bytes
    seconds: float = 0
    megabytes: float = 0
    hung: bool = False


class World(planting.Planting):
    """One sandbox: `home`, `tmp`, `outside`, `up.git`, the pull request, the workspace."""

    def __init__(self, root, names, kerb, way, traced=False):
        self.root, self.names, self.kerb, self.limits = pathlib.Path(root), names, kerb, Limits()
        self.traced, self.picture, self.way = traced, watch.Picture(), way
        self.base = self.root.parent / "base"
        self.ws, self.pr, self.up = self.root / "ws", self.root / "pr", self.root / "up.git"
        self.outside, self.canary = self.root / "outside", self.root / "canary"
        self.payload = self.root / "payload"
        self.site, self.cwd, self.mask = self.ws, None, 0o022
        self.environment = good.environment(self.root)
        self.problems, self.lines, self.stops = [], [], []
        self.before = self.tracked = None
        self.steps, self.after, self.never = [], [], []
        self.all_verbs = False
        self.may_read, self.may_write, self.ignored = [], [], set()
        good.copy(self.base / "around", self.root)
        self.payload.write_text(f'#!/bin/sh\necho "ran: $0 $*" >> {self.canary}\nexit 1\n')
        self.payload.chmod(0o755)

    # What a case says: what runs, and what has to come of it.

    def then(self, labels, code, *says, command=None):
        """Notes commands to be run once everything is planted."""
        self.steps += [Step(label, code, says, command) for label in labels.split()]

    def refused(self, *says, code=5, labels=None):
        """A few verbs, or all where the case is one of `all_verbs`, end with this code and say this."""
        self.then(" ".join(CHAIN if self.all_verbs else FEW) if labels is None else labels, code, *says)

    # The ways of a pull request and of a cache.

    def publish(self):
        """Takes all of the pull request into its index, and what git makes of that into the workspace."""
        home = self.root / "home"
        good.git(self.pr, "add", "-Af", ".", home=home)
        self.check_out()

    def check_out(self):
        """Makes the workspace of what the pull request's index lists, as a clone has it."""
        good.git(self.pr, "checkout-index", "-aq", f"--prefix={self.ws}/", home=self.root / "home")
        os.rename(self.pr / ".git", self.ws / ".git")

    def other(self):
        """Another clone, beside the workspace."""
        good.copy(self.base / "other", self.root / "other")
        return self.root / "other"

    def workspace(self, name):
        """Takes one of the base's workspaces: `ws` as cloned, or one in which kerb has run before."""
        self.before = None
        if self.ws.is_dir():
            good.remove(self.ws)
        good.copy(self.base / name, self.ws)
        good.relocate(self.ws, self.base / name)

    def lived_in(self):
        """More of what runs before left: an operation in the log."""
        self.workspace("lived")

    def stopped(self):
        """A run that stands still on a conflict."""
        self.workspace("stopped")

    def tracked_paths(self, is_sure=False):
        """Paths of the workspace that git tracks where kerb's own files go. git is asked where such a name is there,
        or it is known that one is tracked."""
        own = (".kerb", "src")
        if not is_sure and not any(
            name.lower() in own for name in os.listdir(os.fsdecode(self.cwd or self.ws))
        ):
            return []
        listed = good.git(self.cwd or self.ws, "ls-files", "--sparse", "-z", home=self.root / "home")
        paths = [os.fsdecode(p) for p in listed.split(b"\0")]
        return [p for p in paths if p.split("/")[0].lower() in own]

    # Running and watching.

    def surroundings(self):
        without = [self.root / "log", self.ws, self.canary, *self.ignored]
        dateless = [self.root, self.root / "tmp"]
        found = self.picture.take([self.root], without, dateless)
        index = [self.ws / ".git/index", *self.ignored]
        return found | self.picture.take([self.ws / ".git"], index, [self.ws / ".git"])

    def tracked_files(self):
        places = {self.ws, self.cwd or self.ws}
        derived = [
            os.fsencode(place) + b"/" + name.encode()
            for place in map(os.fsencode, places)
            for name in DERIVED
        ]
        return self.picture.take([self.ws], derived + list(self.ignored), places)

    def start(self, words, traced=None, stdout=None):
        """Runs kerb with limits and returns what came of it."""
        traced = self.traced if traced is None else traced
        log = self.root / "log"
        command = [
            str(self.kerb),
            *(w.replace("{up}", str(self.up)) if isinstance(w, str) else w for w in words),
        ]
        if traced:
            command = straced.command(log / "trace") + command
        with open(log / "out", "wb") as out, open(log / "err", "wb") as err:
            begun = time.monotonic()
            process = subprocess.Popen(
                command,
                cwd=self.cwd or self.ws,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=stdout or out,
                stderr=err,
                start_new_session=True,
                umask=self.mask,
            )
            restrict(process.pid)
            hung = threading.Event()
            timer = threading.Timer(self.limits.wall * (4 if traced else 1), end, (process.pid, hung))
            timer.start()
            _, status, usage = os.wait4(process.pid, 0)
            timer.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
        return Result(
            process.returncode,
            capped(log / "out"),
            capped(log / "err"),
            time.monotonic() - begun,
            usage.ru_maxrss / 1024,
            hung.is_set(),
        )

    def run(self, label, code, *says, command=None):
        """Runs one command and notes whatever is wrong with it."""
        return self.take(Step(label, code, says, command))

    def take(self, step):
        if self.before is None:
            self.before, self.tracked = self.surroundings(), self.tracked_files()
        result = self.start(step.command or COMMANDS[step.label])
        said = watch.output_problems(result.out, result.err)
        said += self.process_problems(step, result)
        if self.canary.exists():
            said.append(f"a program ran: {self.canary.read_text(errors='replace').splitlines()[0][:120]}")
            self.canary.unlink()
        before, self.before = self.before, self.surroundings()
        tracked, self.tracked = self.tracked, self.tracked_files()
        said += [f"outside the workspace: {c}" for c in watch.differences(before, self.before, self.root)]
        if step.label not in WRITERS:
            said += [f"tracked files: {c}" for c in watch.differences(tracked, self.tracked, self.ws)]
        if self.traced and not result.hung:
            said += self.judge_trace(step.label)
        self.lines.append(line_of(step, result))
        self.problems += [f"{step.label}: {s}" for s in said]
        return result

    def judge_trace(self, label):
        reads = [
            self.up,
            self.root / "home/.gitconfig",
            self.root / "home/.config",
            self.root / "home/.netrc",
            self.kerb,
            *self.runtime(),
            *self.may_read,
        ]
        writes = [self.ws, self.root / "tmp", *self.may_write]
        return straced.judge(
            self.root / "log/trace",
            str(self.cwd or self.ws),
            str(self.kerb),
            label in STARTERS,
            [str(p) for p in reads],
            [str(p) for p in writes],
        )

    def runtime(self):
        """Folders of libraries that the binary brings, as a debug build's of Swift."""
        return [p for p in os.environ.get("KERB_RUNTIME", "").split(":") if p]

    def process_problems(self, step, result):
        if result.hung:
            return [f"hangs: not done after {self.limits.wall:.0f} s"]
        said = []
        if result.code != step.code:
            last = result.err.decode("utf-8", "replace").strip().splitlines()[-1:]
            how = (
                f"ended by {signal.Signals(-result.code).name}" if result.code < 0 else f"exit {result.code}"
            )
            said.append(f"{how}, not {step.code}: {''.join(last)[:160]}")
        if result.megabytes > self.limits.megabytes:
            said.append(f"takes {result.megabytes:.0f} MB")
        both = result.out + result.err
        for word in step.says:
            if word.encode() not in both:
                said.append(f"does not say '{word}': {(result.err or result.out)[:160]!r}")
        said += [f"says '{word}'" for word in self.never if word.encode() in both]
        return said

    def run_steps(self):
        for step in self.steps:
            if self.take(step).hung:
                break
        else:
            for check in self.after:
                check(self)
        if self.ws.is_dir():
            self.problems += [f"a secret is in {p}" for p in watch.secrets_below(self.ws)]
        self.problems += [f"{p} is set-id" for p in watch.with_set_ids(self.root)]
        if not self.lines:
            self.bad("nothing was run")

    def bad(self, problem):
        self.problems.append(problem)


def line_of(step, result):
    """A command and what came of it, for people."""
    first = (result.err or result.out).decode("utf-8", "backslashreplace").replace("\n", " | ")[:200]
    return (
        f"{step.label}: {'hung' if result.hung else result.code}, {result.seconds:.2f} s, "
        f"{result.megabytes:.0f} MB  {first}"
    )


def restrict(process):
    """Bounds what a kerb out of hand can take, from outside: a function between fork and exec costs more."""
    for kind, most in (
        (resource.RLIMIT_AS, 8 << 30),
        (resource.RLIMIT_FSIZE, 1 << 30),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.prlimit(process, kind, (most, most))
        except (ProcessLookupError, PermissionError):
            pass


def end(process, hung):
    hung.set()
    try:
        os.killpg(process, signal.SIGKILL)
    except ProcessLookupError:
        pass


def capped(path):
    with open(path, "rb") as file:
        return file.read(32 << 20)
