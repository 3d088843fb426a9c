#!/usr/bin/env python3
"""Damages real patches and compares kerb with `git apply --cached` on each.

    mutate.py --kerb BIN --repo CLONE [--repo CLONE …] [--count N] [--seed S] [--keep DIR]

Exit status 1: different trees, something accepted that git refuses, or something refused that git
accepts for a reason that is not in STRICTER. See README.md.
"""

import argparse
import random
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

import commits
import mutations
from batch import Batch, outcomes, refusal
from oracle import progress, unnamed

EACH = 5           # mutants of one commit
PORTION = 40       # commits whose patches are in memory at a time, for each worker
LARGEST = 200_000  # bytes of a patch; oracle.py replays the larger ones

# Where kerb is stricter than git on purpose: what it is, and the rule that its reason names.
STRICTER = {
    "ambiguous placement": r"\[hunk-ambiguous\]$",
    "hunk without context": r"\[hunk-no-context\]$",
    "one patch a file": r"\[several-mails\]$",
    "hunks overlap or are out of order": r"\[hunk-order\]$",
    "text after a hunk": r"\[hunk-count\]$",
    "one file twice": r"\[file-changed-twice\]$",
    "mode differs": r"\[file-mode\]$",
    "file lines without a hunk": r"^a hunk must follow .* \[hunk-header\]$",
    "CR in a header": r"\[crlf\]$",
    "no newline at the patch's end": r"\[(hunk|header)-truncated\]$",
}
# Outcomes that `git apply` without --3way does not have.
BEYOND_APPLY = {"merged", "resolved", "landed", "partly_landed"}


@dataclass
class Mutant:
    commit: commits.Commit
    mode: str
    names: list
    text: bytes
    onto: str

    def title(self):
        where = "" if self.onto == self.commit.parent else f" onto {self.onto[:12]}"
        return f"{self.commit.name[:12]} ({self.mode}) {' + '.join(self.names)}{where}"


@dataclass
class Verdicts:
    classes: Counter = field(default_factory=Counter)
    kinds: dict = field(default_factory=lambda: defaultdict(Counter))  # by mutation: short class
    failures: dict = field(default_factory=lambda: defaultdict(list))
    examples: dict = field(default_factory=dict)

    def add(self, other):
        self.classes += other.classes
        for name, counts in other.kinds.items():
            self.kinds[name] += counts
        for name, mutants in other.failures.items():
            self.failures[name] += mutants
        self.examples = {**other.examples, **self.examples}


class GitApply:
    """`git apply --cached` on any commit, with index and new objects in a folder of its own."""

    def __init__(self, repo, folder):
        self.repo, self.folder = repo, Path(folder)
        self.folder.mkdir()
        self.environment = commits.private_objects(repo, folder)
        self.index, self.ready, self.holds = self.folder / "index", self.folder / "ready", None

    def tree(self, onto, patch, *options):
        """The tree that git makes of the patch file; None when git refuses it."""
        if self.holds != onto:
            self.git("read-tree", onto)
            self.ready.write_bytes(self.index.read_bytes())
            self.holds = onto
        else:
            self.index.write_bytes(self.ready.read_bytes())
        run = self.git("apply", "--cached", "--whitespace=nowarn", *options, str(patch),
                       check=False)
        if run.returncode not in (0, 1, 128):
            raise RuntimeError(f"git apply: exit {run.returncode}")
        return None if run.returncode else \
            self.git("write-tree", "--missing-ok").stdout.decode().strip()

    def git(self, *arguments, check=True):
        return commits.git(self.repo, *arguments, environment=self.environment, check=check)


def mutants(repo, commit, text, mode, others, seed):
    """EACH mutants of one commit's patch, the same for the same seed."""
    for number in range(EACH):
        dice = random.Random(f"{seed} {commit.name} {mode} {number}")
        patch, names = mutations.Patch(text), []
        for _ in range(dice.choice([0, 1, 1, 1, 1, 1, 1, 2])):
            for mutation in dice.sample(mutations.MUTATIONS, len(mutations.MUTATIONS)):
                if mutation(patch, dice):
                    names.append(mutation.__name__)
                    break
        if dice.random() < 0.5 and mutations.no_index_lines(patch, dice):
            names.append("no_index_lines")
        onto = commit.parent
        if not names or dice.random() < 0.2:
            onto = elsewhere(repo, commit, others, dice)
            names.append("elsewhere")
        yield Mutant(commit, mode, names, bytes(patch), onto)


def elsewhere(repo, commit, others, dice):
    """The commit itself, one before its parent, or any other: where the patch may fit or not."""
    match dice.choice(["itself", "before", "before", "any"]):
        case "itself":
            return commit.name
        case "before":
            name = f"{commit.parent}~{dice.choice([1, 2, 5, 20, 100, 400])}"
            found = commits.git(repo, "rev-parse", "-q", "--verify", name, check=False).stdout
            return found.decode().strip() or commit.parent
        case _:
            return dice.choice(others).parent


def judge(mutant, file, kerb, apply):
    """(Class, whether it is a failure) of one mutant."""
    result = kerb.ask({"onto": mutant.onto, "patches": [str(file)]})
    reason, expected = refusal(result), apply.tree(mutant.onto, file)
    if "crash" in result:
        return f"crash: {unnamed(reason)}", True
    if reason is not None:
        if expected is None:
            return "same: both refuse", False
        for name, words in STRICTER.items():
            if re.search(words, reason, re.IGNORECASE):
                return f"stricter: {name}", False
        return f"refuses what git takes: {unnamed(reason)}", True
    if result["tree"] == expected:
        return "same: same tree", False
    seen = set(outcomes(result))
    unchanged = apply.git("rev-parse", f"{mutant.onto}^{{tree}}").stdout.decode().strip()
    if seen == {"landed"} and expected is None:
        if result["tree"] == unchanged:
            return "merged: all of it is there already", False
        return "says landed, and changes the tree", True
    if seen & BEYOND_APPLY:
        merged = apply.tree(mutant.onto, file, "--3way")
        if result["tree"] == merged:
            return "merged: as git apply --3way", False
        if expected is None and merged is None:
            return "merged: where git apply --3way conflicts", False
    if commits.rewritten(apply.repo, unchanged) != unchanged:
        return "not comparable: file modes that git no longer writes", False
    if expected is None:
        return f"takes what git refuses ({', '.join(sorted(map(str, seen)))})", True
    return f"different trees ({', '.join(sorted(map(str, seen)))})", True


def judge_portion(kerb, apply, portion, mode, others, seed, keep):
    verdicts = Verdicts()
    file = apply.folder / "mutant.patch"
    for commit, text in zip(portion, commits.patches(apply.repo, portion, mode)):
        if text is None or len(text) > LARGEST:
            continue
        for mutant in mutants(apply.repo, commit, text, mode, others, seed):
            file.write_bytes(mutant.text)
            name, failure = judge(mutant, file, kerb, apply)
            verdicts.classes[name] += 1
            for mutation in mutant.names:
                verdicts.kinds[mutation]["FAILED" if failure else column(name)] += 1
            verdicts.examples.setdefault(name, mutant.title())
            if failure:
                verdicts.failures[name].append(mutant.title())
                if keep:
                    number = len(verdicts.failures[name])
                    slug = re.sub(r"\W+", "-", f"{name[:40]} {commit.name[:12]} {number}")
                    (keep / f"{slug}.patch").write_bytes(mutant.text)
                    (keep / f"{slug}.txt").write_text(f"{mutant.title()}\nonto {mutant.onto}\n")
    return verdicts


def mutate(kerb, clone, count=2500, seed=1, jobs=2, keep=None):
    """Compares kerb with git on about `count` mutants of commits of `clone`; the verdicts. Failing
    mutants are kept in the folder `keep`."""
    verdicts = Verdicts()
    with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
        folder = Path(folder)
        repo = commits.borrow(clone, folder / "repo")
        chosen = commits.sample(repo, commits.tip(clone), max(count // EACH, 1), seed)
        portions = [(chosen[at:at + PORTION], mode) for at, mode in
                    zip(range(0, len(chosen), PORTION), ["MC", "plain"] * len(chosen))]
        idle = SimpleQueue()
        for job in range(jobs):
            idle.put((Batch(kerb, repo), GitApply(repo, folder / f"git-{job}")))

        def work(portion):
            batch, apply = worker = idle.get()
            try:
                return judge_portion(batch, apply, *portion, chosen, seed, keep)
            finally:
                idle.put(worker)

        try:
            with ThreadPoolExecutor(jobs) as pool:
                for found in pool.map(work, portions):
                    verdicts.add(found)
                    progress(f"{sum(verdicts.classes.values())} mutants")
        finally:
            for _ in range(jobs):
                idle.get()[0].stop()
    return verdicts


COLUMNS = ["same tree", "both refuse", "merged", "stricter", "not comparable", "FAILED"]


def column(name):
    return next(each for each in COLUMNS if each in name)


def show(verdicts, seconds):
    total = sum(verdicts.classes.values())
    print(f"{total} mutants in {seconds:.0f} s")
    for name, count in verdicts.classes.most_common():
        failed = "FAILED  " if name in verdicts.failures else ""
        print(f"{count:7} × {failed}{name}\n            e.g. {verdicts.examples[name]}")
    print(f"\n{'mutation':30}" + "".join(f"{title:>16}" for title in COLUMNS))
    for mutation, counts in sorted(verdicts.kinds.items()):
        print(f"{mutation:30}" + "".join(f"{counts[title]:16}" for title in COLUMNS))
    for name, titles in verdicts.failures.items():
        print(f"\nFAILED {name}")
        for title in titles[:10]:
            print(f"    {title}")
        if len(titles) > 10:
            print(f"    and {len(titles) - 10} more")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kerb", type=Path, required=True)
    parser.add_argument("--repo", type=Path, required=True, action="append",
                        help="a clone with history, only read; again for more of them")
    parser.add_argument("--count", type=int, default=5000, help="mutants over all clones (5000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="a folder for the mutants that fail")
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    started, verdicts = time.monotonic(), Verdicts()
    for clone in options.repo:
        verdicts.add(mutate(options.kerb.resolve(), clone, options.count // len(options.repo),
                            options.seed, options.jobs, options.keep))
    show(verdicts, time.monotonic() - started)
    return 1 if verdicts.failures or not verdicts.classes else 0


if __name__ == "__main__":
    sys.exit(main())
