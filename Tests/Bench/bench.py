#!/usr/bin/env python3
"""Measures kerb and git side by side on a long series.

    bench.py --kerb BIN --work DIR [--nova BARE_CLONE] [--runs 3] [--count 999] [--json FILE]

Each run has a fresh clone that holds none of the results: where the objects exist already, every
tool skips most of its work. The tools take turns, and the ratio of their medians is what to quote.
Nothing here fails because it is slow; a wrong tree does, with exit status 1. See README.md.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from long_series import ENVIRONMENT, git
from touched import touch

GROWTH = [100, 500, 1000, 2000, 5000]
WHO = {"GIT_COMMITTER_NAME": "A U Thor", "GIT_COMMITTER_EMAIL": "author@example.com"}


@dataclass
class Series:
    """A repository with branches `base` and `linear`, and the patches between them in order."""
    repository: Path
    patches: Path
    files: list

    def tree_after(self, count):
        return git(self.repository, "rev-parse", f"linear~{len(self.files) - count}^{{tree}}")


@dataclass
class Measure:
    """What the runs of one command took: seconds on the clock, seconds of all cores together, and
    the most bytes of memory that the process or one of its children held."""
    name: str
    patches: int
    seconds: list = field(default_factory=list)
    cores: list = field(default_factory=list)
    peaks: list = field(default_factory=list)

    def median(self):
        return statistics.median(self.seconds)

    def peak(self):
        return max(self.peaks)


def series(work, name, source, tip, count, seed=1):
    """The series `name` under `work`, built unless it is there from the same arguments."""
    folder = Path(work) / name
    if source:
        tip = git(source, "rev-parse", "--verify", f"{tip}^{{commit}}")
    made_from = {"form": 1, "source": str(source and source.resolve()), "tip": tip, "count": count,
                 "seed": seed}
    marker = folder / "made-from.json"
    if not marker.exists() or json.loads(marker.read_text()) != made_from:
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        progress(f"building a series of {count} patches")
        # In a process of its own: what a process held before it started another counts as the
        # other's peak memory.
        subprocess.run([sys.executable, Path(__file__).with_name("long_series.py"),
                        folder / "repository", folder / "patches", "--tip", tip,
                        "--count", str(count), "--seed", str(seed),
                        *(["--from", source] if source else [])],
                       stdout=subprocess.DEVNULL, check=True)
        marker.write_text(json.dumps(made_from))
    files = sorted((folder / "patches").iterdir(), key=lambda file: int(file.name.split("-")[0]))
    return Series((folder / "repository").resolve(), (folder / "patches").resolve(), files)


def timed(command, folder, environment=None, accept=(0,)):
    """Runs a command in `folder`: (seconds, seconds of all cores, peak memory in bytes). Its words
    are shown when its exit status is not one to accept."""
    # What earlier runs wrote is on disk before this one starts.
    os.sync()
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(word) for word in command], cwd=folder, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, env={**ENVIRONMENT, **(environment or {})})
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in accept:
            output.seek(0)
            said = output.read()[-2000:].decode(errors="replace")
            raise SystemExit(f"{' '.join(map(str, command[:8]))} …: "
                             f"exit status {process.returncode}\n{said}")
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit


def fresh_clone(series, folder, bare):
    """A clone of the base alone, with a pack of its own."""
    if folder.exists():
        shutil.rmtree(folder)
    git(series.repository, "clone", "-q", *(["--bare"] if bare else []), "--no-local",
        "--single-branch", "--branch", "base", series.repository, folder)
    # Else git am leaves a collection running, beside the next measurement.
    git(folder, "config", "gc.auto", "0")
    return folder


def git_am(series, count, work):
    """With --keep-cr, without which git am refuses to change a file that has CRLF lines."""
    clone = fresh_clone(series, work / "am", bare=False)
    took = timed(["git", "am", "-q", "--keep-cr", *series.files[:count]], clone, WHO)
    expect(series, count, clone, "HEAD", "git am")
    shutil.rmtree(clone)
    return took


def kerb_replay(series, count, work, kerb, check=False):
    clone = fresh_clone(series, work / "kerb", bare=True)
    took = timed([kerb, "replay", "--repo", clone, "--onto", "base", "--ref", "refs/heads/out",
                  *series.files[:count]], clone)
    expect(series, count, clone, "refs/heads/out", "kerb replay")
    commits = int(git(clone, "rev-list", "--count", "base..refs/heads/out"))
    if commits != count:
        raise SystemExit(f"kerb replay made {commits} commits of {count} patches")
    if check:
        git(clone, "fsck", "--connectivity-only", "--no-dangling", "--no-progress")
    shutil.rmtree(clone)
    return took


def kerb_dry_run(series, count, work, kerb):
    clone = fresh_clone(series, work / "dry", bare=True)
    took = timed([kerb, "replay", "--repo", clone, "--onto", "base", "--dry-run",
                  *series.files[:count]], clone)
    shutil.rmtree(clone)
    return took


def move(options, work):
    """The series on a base where every file that it modifies has another first line: git rebase, git
    replay where a git that has it is named, and kerb from the patch files and from the commits."""
    long = series(work, f"series-{options.count}", options.nova, options.tip, options.count)
    if not git(long.repository, "for-each-ref", "refs/heads/touched"):
        progress("touching every file of the base")
        touch(long.repository)
    count = len(long.files)
    trees = {}

    def clone(name, branches, bare):
        folder = work / name
        if folder.exists():
            shutil.rmtree(folder)
        git(long.repository, "clone", "-q", *(["--bare"] if bare else []), "--no-local",
            "--single-branch", "--branch", "base", long.repository, folder)
        git(folder, "fetch", "-q", long.repository, *(f"{name}:{name}" for name in branches))
        git(folder, "config", "gc.auto", "0")
        return folder

    def run(name, branches, bare, command, result):
        folder = clone("move", branches, bare)
        took = timed(command, folder, WHO)
        if (made := int(git(folder, "rev-list", "--count", f"touched..{result}"))) != count:
            raise SystemExit(f"{name} made {made} commits of {count} patches")
        trees[name] = git(folder, "rev-parse", f"{result}^{{tree}}")
        if len(set(trees.values())) != 1:
            raise SystemExit(f"the trees differ: {trees}")
        shutil.rmtree(folder)
        return took

    kerb = [options.kerb, "replay", "--repo", ".", "--onto", "touched", "--ref", "refs/heads/out"]
    contestants = []
    if not options.no_git:
        contestants.append(("git rebase", count, lambda _: run(
            "git rebase", ["touched", "linear"], False,
            ["git", "rebase", "-q", "--onto", "touched", "base", "linear"], "linear")))
    if options.git_replay:
        contestants.append(("git replay", count, lambda _: run(
            "git replay", ["touched", "linear"], True,
            ["sh", "-c", '"$0" replay --onto touched base..linear | git update-ref --stdin',
             options.git_replay], "linear")))
    contestants += [
        ("kerb, patch files", count, lambda _: run(
            "kerb, patch files", ["touched"], True,
            [*kerb, "--base", "base", *long.files], "refs/heads/out")),
        ("kerb, commits", count, lambda _: run(
            "kerb, commits", ["touched", "linear"], True,
            [*kerb, "--commits", "base..linear"], "refs/heads/out")),
    ]
    return in_turn(options.runs, contestants)


def expect(series, count, clone, result, tool):
    """Ends the program unless `result` has the tree of the series after `count` patches."""
    if result not in ("HEAD", git(clone, "for-each-ref", "--format=%(refname)", result)):
        raise SystemExit(f"{tool} exited with 0 and made no {result}")
    tree = git(clone, "rev-parse", f"{result}^{{tree}}")
    if tree != series.tree_after(count):
        raise SystemExit(f"{tool} made tree {tree} of {count} patches, "
                         f"not {series.tree_after(count)}")


def in_turn(runs, contestants):
    """Runs each of the named functions `runs` times: A B C A B C …"""
    measures = [Measure(name, patches) for name, patches, _ in contestants]
    for run in range(runs):
        for measure, (name, _, act) in zip(measures, contestants):
            progress(f"run {run + 1} of {runs}: {name}")
            seconds, cores, peak = act(run)
            measure.seconds.append(round(seconds, 4))
            measure.cores.append(round(cores, 4))
            measure.peaks.append(peak)
    progress("")
    return measures


def compare(options, work):
    """git am, kerb replay and its dry run on the same patches."""
    long = series(work, f"series-{options.count}", options.nova, options.tip, options.count)
    count = len(long.files)
    contestants = []
    if not options.no_git:
        contestants.append(("git am -q", count, lambda run: git_am(long, count, work)))
    contestants += [
        ("kerb replay", count, lambda run: kerb_replay(long, count, work, options.kerb, run == 0)),
        ("kerb replay --dry-run", count, lambda run: kerb_dry_run(long, count, work, options.kerb)),
    ]
    return in_turn(options.runs, contestants)


def grow(options, work):
    """kerb replay on ever more patches of one series: the time for each should stay the same."""
    long = series(work, f"series-{max(options.growth)}", options.nova, options.tip,
                  max(options.growth))
    return in_turn(options.runs, [
        (f"kerb replay {count}", count,
         lambda run, count=count: kerb_replay(long, count, work, options.kerb))
        for count in options.growth])


def check(options):
    """kerb check of a workspace. Findings (1) are a result as good as none (0)."""
    return in_turn(options.runs, [
        ("kerb check", 0, lambda run: timed([options.kerb, "check"], options.workspace,
                                            accept=(0, 1)))])


def show(compared, moved, grown, checked):
    for title, measures in (("", compared), ("onto a touched base", moved), ("growth", grown),
                            ("workspace", checked)):
        if not measures:
            continue
        git_side = measures[0] if measures[0].name.startswith("git") else None
        print(f"\n{title or 'side by side':26}{'patches':>9}{'median s':>11}{'min':>9}{'max':>9}"
              f"{'cores s':>9}{'ms a patch':>12}{'peak MB':>9}"
              + (f"{git_side.name.removesuffix(' -q') + ' ÷':>14}" if git_side else ""))
        for measure in measures:
            each = f"{1000 * measure.median() / measure.patches:.3f}" if measure.patches else ""
            ratio = f"{git_side.median() / measure.median():.1f}×" \
                if git_side else ""
            print(f"{measure.name:26}{measure.patches or '':>9}{measure.median():>11.3f}"
                  f"{min(measure.seconds):>9.3f}{max(measure.seconds):>9.3f}"
                  f"{statistics.median(measure.cores):>9.3f}{each:>12}"
                  f"{measure.peak() / 1e6:>9.0f}{ratio:>14}")


def versions(kerb):
    said = subprocess.run([kerb, "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=ENVIRONMENT).stdout.decode(errors="replace").strip()
    return {"git": git(".", "--version"), "kerb": said, "cores": os.cpu_count(),
            "system": f"{platform.system()} {platform.machine()}"}


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kerb", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True,
                        help="a folder for series and clones; built series are used again")
    parser.add_argument("--nova", type=Path, help="a bare clone to take the series from; without "
                        "it, a made-up history of the same length")
    parser.add_argument("--tip", default="HEAD", help="the revision where the series ends")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--count", type=int, default=999,
                        help="patches for the comparison with git")
    parser.add_argument("--growth", default=GROWTH,
                        type=lambda text: [int(word) for word in text.split(",") if word],
                        help="100,500,…: lengths to measure; '' for none")
    parser.add_argument("--git-replay", type=Path, metavar="GIT",
                        help="a git that has `git replay` (2.44 or later), to measure that too")
    parser.add_argument("--no-git", action="store_true", help="measure kerb alone")
    parser.add_argument("--workspace", type=Path, help="also time `kerb check` in this workspace")
    parser.add_argument("--json", type=Path, help="write every single run")
    options = parser.parse_args()
    options.kerb = options.kerb.resolve()
    options.work.mkdir(parents=True, exist_ok=True)
    about = versions(options.kerb)
    print(f"{about['git']}, kerb {about['kerb']}, {about['cores']} cores, {about['system']}; "
          f"{options.runs} runs in turn")
    work = options.work.resolve()
    compared = compare(options, work)
    moved = move(options, work)
    grown = grow(options, work) if options.growth else []
    checked = check(options) if options.workspace else []
    show(compared, moved, grown, checked)
    if options.json:
        options.json.write_text(json.dumps({
            **about, "compared": [asdict(each) for each in compared],
            "moved": [asdict(each) for each in moved],
            "growth": [asdict(each) for each in grown],
            "check": [asdict(each) for each in checked]}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
