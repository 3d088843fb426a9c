"""A case's sandbox: what it plants, and kerb run in it while somebody watches."""

import dataclasses
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import threading
import time

import good
import planting
import straced
import watch

TRACKED = (".kerb", "src")
# Label and words of every command, in the order in which CI and people run them.
CHAIN = {
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
    "abort": ["abort"],
    "resolve": ["resolve"],
    "log": ["log"],
    "undo": ["undo"],
    "microversion": ["microversion"],
    "series": ["series", good.STACK],
    "show": ["show", good.STACK, "1"],
    "fmt": ["fmt", "--check"],
}
# These may change files that git tracks; of the others none may.
WRITERS = {"fetch-from", "fetch", "rebase", "continue", "abort", "undo", "skip", "take", "redo"}
# Only these start programs: git, and what fetches archives.
STARTERS = {"fetch-from", "fetch", "rebase-dry", "rebase"}
EXITS = {0, 1, 2, 3, 4, 5}
DERIVED = (".git", ".kerb", "src", "dist", "page.html", "images")


@dataclasses.dataclass
class Limits:
    seconds: float = 2
    wall: float = 10
    megabytes: int = 300
    timeout: float = 20
    slack: float = 1


@dataclasses.dataclass
class Result:
    label: str
    code: int
    out: bytes
    err: bytes
    seconds: float = 0
    wall: float = 0
    megabytes: float = 0
    hung: bool = False


class World(planting.Planting):
    """One sandbox: `home`, `tmp`, `outside`, `up.git`, `other`, the pull request, the workspace."""

    def __init__(self, root, names, kerb, limits, way, traced=False):
        self.root, self.names, self.kerb, self.limits = pathlib.Path(root), names, kerb, limits
        self.traced, self.picture = traced, watch.Picture()
        self.ws, self.pr, self.up = self.root / "ws", self.root / "pr", self.root / "up.git"
        self.outside, self.canary = self.root / "outside", self.root / "canary"
        self.payload = self.root / "payload"
        self.way, self.site, self.cwd = way, self.ws, None
        self.environment = good.ENVIRONMENT | {
            "HOME": str(self.root / "home"),
            "TMPDIR": str(self.root / "tmp"),
        }
        self.problems, self.steps, self.results = [], [], {}
        self.before = self.tracked = None
        self.mask = 0o022
        self.verbs, self.more, self.after = list(CHAIN), {}, []
        self.exits, self.words, self.every_exits, self.every_words, self.never = {}, {}, None, [], []
        self.may_read, self.may_write, self.ignored = [], [], set()
        self.payload.write_text(f'#!/bin/sh\necho "ran: $0 $*" >> {self.canary}\nexit 1\n')
        self.payload.chmod(0o755)

    # The ways of a pull request and of a cache.

    def publish(self):
        """Commits the pull request with all that is in it, and clones it as CI does."""
        home = self.root / "home"
        good.git(self.pr, "add", "-Af", ".", home=home)
        good.git(self.pr, "commit", "-q", "--allow-empty", "-m", "pr", home=home)
        self.clone()

    def clone(self):
        if self.way != "pull request":
            shutil.copytree(self.root.parent / "base/ws", self.ws, symlinks=True)
            return
        good.git(self.root, "clone", "-q", "--template=", "pr", os.fsencode(self.ws), home=self.root / "home")

    def is_tracked(self):
        """True if the clone has paths where kerb's own files go, so that it must be refused."""
        listed = good.git(self.ws, "ls-files", "-z", home=self.root / "home")
        return any(
            path.split(b"/")[0].lower().decode("utf-8", "replace") in TRACKED for path in listed.split(b"\0")
        )

    def refused(self, *words):
        """Every verb ends with 2 and says these words."""
        self.every_exits, self.every_words = {2}, list(words)

    def warm(self):
        """What a run before left: the upstream tree and a work tree."""
        for words in (["fetch", "--from", self.up], ["apply", good.STACK]):
            self.start(words, traced=False)

    def lived_in(self, stopped=True):
        """More of it: a log with operations, and a stopped rebase."""
        self.start(["report", "--html", "page.html"], traced=False)
        if not stopped:
            return
        end = self.names["moved"]
        self.conflict()
        self.start(["rebase", good.STACK, "--update", "--from", self.up], traced=False)
        self.upstream().reference("refs/heads/stable/2024.1", end)

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

    def start(self, words, traced=None, stdout=None, limits=None):
        """Runs kerb with limits and returns what came of it."""
        limits = limits or self.limits
        traced = self.traced if traced is None else traced
        log = self.root / "log"
        command = [str(self.kerb), *(str(w) if isinstance(w, pathlib.Path) else w for w in words)]
        if traced:
            command = [
                "strace",
                "-f",
                "-qq",
                "-y",
                "-s",
                "4096",
                "-e",
                f"trace={straced.CALLS}",
                "-o",
                str(log / "trace"),
                *command,
            ]
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
            patience = limits.timeout * (4 if traced else 2 if limits.slack > 1 else 1)
            timer = threading.Timer(patience, end, (process.pid, hung))
            timer.start()
            _, status, usage = os.wait4(process.pid, 0)
            timer.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
        return Result(
            words[0],
            process.returncode,
            capped(log / "out"),
            capped(log / "err"),
            usage.ru_utime + usage.ru_stime,
            time.monotonic() - begun,
            usage.ru_maxrss / 1024,
            hung.is_set(),
        )

    def run(self, label, words=None, **options):
        """Runs one verb and notes whatever is wrong with it."""
        words = words or self.more.get(label) or CHAIN[label]
        words = [w.replace("{up}", str(self.up)) if isinstance(w, str) else w for w in words]
        if self.before is None:
            self.before, self.tracked = self.surroundings(), self.tracked_files()
        result = self.start(words, **options)
        said = watch.output_problems(result.out, result.err)
        said += self.process_problems(label, result)
        if self.canary.exists():
            said.append(f"a program ran: {self.canary.read_text(errors='replace').splitlines()[0][:120]}")
            self.canary.unlink()
        before, self.before = self.before, self.surroundings()
        tracked, self.tracked = self.tracked, self.tracked_files()
        said += [f"outside the workspace: {c}" for c in watch.differences(before, self.before, self.root)]
        if label not in WRITERS:
            said += [f"tracked files: {c}" for c in watch.differences(tracked, self.tracked, self.ws)]
        if self.traced and not result.hung:
            said += self.judge_trace(label)
        self.steps.append(self.step(label, result))
        self.problems += [f"{label}: {s}" for s in said]
        self.results[label] = result
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

    def process_problems(self, label, result):
        limits, said = self.limits, []
        factor = limits.slack * (10 if self.traced else 1)
        if result.hung:
            return [f"hangs: not done after {limits.timeout:.0f} s"]
        if result.code < 0:
            name = signal.Signals(-result.code).name
            last = result.err.decode("utf-8", "replace").strip().splitlines()[-1:]
            said.append(f"ended by {name} {''.join(last)[:160]}")
        allowed = self.exits.get(label) or self.every_exits or EXITS
        if result.code >= 0 and result.code not in allowed:
            first = result.err.decode("utf-8", "replace").strip().splitlines()[:1]
            said.append(f"exit {result.code}, not {sorted(allowed)}: {''.join(first)[:120]}")
        if result.seconds > limits.seconds * factor:
            said.append(f"takes {result.seconds:.1f} s of the processor")
        elif result.wall > limits.wall * factor:
            said.append(f"takes {result.wall:.1f} s")
        if result.megabytes > limits.megabytes:
            said.append(f"takes {result.megabytes:.0f} MB")
        both = (result.out + result.err).lower()
        for word in self.words.get(label, []) + self.every_words:
            if word.lower().encode() not in both:
                said.append(f"does not say '{word}': {result.err[:100]!r}")
        for word in self.never:
            if word.encode() in result.out + result.err:
                said.append(f"says '{word}'")
        return said

    def step(self, label, result):
        first = result.err.decode("utf-8", "backslashreplace").replace("\n", " | ")[:200]
        return (
            f"{label}: {'hung' if result.hung else result.code}, {result.seconds:.2f} s, "
            f"{result.megabytes:.0f} MB  {first}"
        )

    def run_chain(self):
        for label in self.verbs:
            if self.run(label).hung:
                break
        else:
            for check in self.after:
                check(self)
        if self.ws.is_dir():
            self.problems += [f"a secret is in {p}" for p in watch.secrets_below(self.ws)]
        self.problems += [f"{p} is set-id" for p in watch.with_set_ids(self.root)]

    def bad(self, problem):
        self.problems.append(problem)


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
