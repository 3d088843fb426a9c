#!/usr/bin/env python3
"""Replays real commits of a clone with kerb; each must give the commit's own tree.

    oracle.py --kerb BIN --repo CLONE [--count N] [--seed S] [--mode MC|plain|both] [--commits]
    oracle.py --repo CLONE --self-check [--count N]

Exit status 1: a wrong tree, a refusal that nothing in the commit explains, or a patch file that
kerb does not print as it was. See README.md.
"""

import argparse
import json
import os
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
from batch import Batch, outcomes, refusal

PORTION = 250  # patches on disk at a time, for each worker


def touches_a_submodule(facts):
    return any("160000" in (change.old_mode, change.new_mode) for change in facts.changes)


def links_outside(facts):
    return any(change.new_mode == "120000" and leaves(change, facts.blob(change.new_blob))
               for change in facts.changes)


def leaves(change, target):
    folder = os.path.dirname(change.path)
    return os.path.normpath(os.path.join(folder, target)).startswith((b"/", b"../"))


def path_is_not_portable(facts):
    forbidden = rb"(?i)[\x00-\x1f\x7f\\]|(^|/)(\.git|git~\d+|\.git[ .:][^/]*)(/|$)"
    return any(re.search(forbidden, change.path) for change in facts.changes)


def message_reads_as_a_diff(facts):
    """Git's own tools stumble over these too: a line of the message starts a diff."""
    message = facts.message()
    return re.search(rb"^(diff -|Index: |--- \S|---\s*$)", message, re.MULTILINE) is not None


def message_reads_as_a_mail(facts):
    """`git mailsplit` would divide the file there: a line of the message starts a mail."""
    return re.search(rb"^From [0-9a-f]{40} ", facts.message(), re.MULTILINE) is not None


# A refusal must be explained by what the commit is, not by what kerb says about it.
EXPLANATIONS = {
    "changes a submodule": touches_a_submodule,
    "a link that leaves the tree": links_outside,
    "a path that is not portable": path_is_not_portable,
    "the message reads as a diff": message_reads_as_a_diff,
    "the message reads as another mail": message_reads_as_a_mail,
}


@dataclass
class Facts:
    repo: Path
    commit: commits.Commit
    changes: list = field(init=False)

    def __post_init__(self):
        self.changes = commits.changes(self.repo, self.commit)

    def blob(self, name):
        return commits.git(self.repo, "cat-file", "blob", name).stdout

    def message(self):
        return commits.git(self.repo, "log", "-1", "--format=%b", self.commit.name).stdout


@dataclass
class Findings:
    """What one worker saw. Commits are named `SHA (mode)`."""
    tried: int = 0
    exact: int = 0
    empty: int = 0
    wrong: list = field(default_factory=list)
    not_comparable: list = field(default_factory=list)
    refused: dict = field(default_factory=lambda: defaultdict(list))
    unexplained: dict = field(default_factory=lambda: defaultdict(list))
    not_formatted: list = field(default_factory=list)
    not_canonical: list = field(default_factory=list)
    round_trips: int = 0
    outcomes: Counter = field(default_factory=Counter)
    not_clean: list = field(default_factory=list)

    def add(self, other):
        for name, value in vars(other).items():
            if isinstance(value, dict) and not isinstance(value, Counter):
                for key, names in value.items():
                    getattr(self, name)[key] += names
            else:
                setattr(self, name, getattr(self, name) + value)

    def judge(self, repo, commit, mode, result):
        label = f"{commit.name} ({mode})"
        self.tried += 1
        reason = refusal(result)
        if reason is not None:
            facts = Facts(repo, commit)
            why = next((name for name, holds in EXPLANATIONS.items() if holds(facts)), None)
            if why is None or "crash" in result:
                self.unexplained[unnamed(reason)].append(label)
            else:
                self.refused[f"{why}: {unnamed(reason)}"].append(label)
            return
        seen = Counter(outcomes(result))
        self.outcomes += seen
        if set(seen) != {"clean"}:
            self.not_clean.append(label)
        if result["tree"] == commit.tree:
            self.exact += 1
        elif (rewritten := commits.rewritten(repo, commit.tree)) == result["tree"]:
            self.exact += 1
        elif rewritten != commit.tree:
            self.not_comparable.append(label)
        else:
            self.wrong.append(label)

    def judge_round_trip(self, commit, mode, result):
        for step in result.get("steps") or []:
            self.round_trips += "formatted" in step
            if step.get("formatted") is False:
                self.not_formatted.append(f"{commit.name} ({mode})")
            if step.get("canonical") is False:
                self.not_canonical.append(f"{commit.name} ({mode})")


def unnamed(reason):
    """A reason without what differs from commit to commit, so that like reasons count together."""
    reason = re.sub(r"(['\"`“‘]).*?(['\"`”’])", "…", reason)
    return re.sub(r"\d+", "N", re.sub(r"\S*/\S*|\b[0-9a-f]{7,64}\b", "…", reason))[:160]


def replay_portion(kerb, repo, portion, mode):
    """Replays the commits of one portion with the worker's kerb; its findings."""
    findings = Findings()
    if mode == "commits":
        for commit in portion:
            result = kerb.ask({"onto": commit.parent, "commits": [commit.name]})
            findings.judge(repo, commit, mode, result)
        return findings
    with tempfile.TemporaryDirectory(prefix="oracle-") as folder:
        for commit, patch in zip(portion, commits.patches(repo, portion, mode)):
            if patch is None:
                findings.empty += 1
                continue
            file = Path(folder) / f"{commit.name}.patch"
            file.write_bytes(patch)
            result = kerb.ask({"onto": commit.parent, "patches": [str(file)], "roundtrip": True})
            findings.judge(repo, commit, mode, result)
            findings.judge_round_trip(commit, mode, result)
            file.unlink()
    return findings


def oracle(kerb, clone, count=1000, seed=1, mode="MC", jobs=2):
    """Replays `count` commits of `clone` (0: all) with `jobs` kerb processes; the findings. `mode`:
    `MC`, `plain` or `both` for patches with and without renames, `commits` for no patches."""
    findings = Findings()
    with tempfile.TemporaryDirectory(prefix="oracle-") as folder:
        repo = commits.borrow(clone, Path(folder) / "repo")
        chosen = commits.sample(repo, commits.tip(clone), count, seed)
        portions = [(chosen[at:at + PORTION], each) for at in range(0, len(chosen), PORTION)
                    for each in (["MC", "plain"] if mode == "both" else [mode])]
        idle = SimpleQueue()
        for _ in range(jobs):
            idle.put(Batch(kerb, repo))

        def work(portion):
            batch = idle.get()
            try:
                return replay_portion(batch, repo, *portion)
            finally:
                idle.put(batch)

        try:
            with ThreadPoolExecutor(jobs) as pool:
                for found in pool.map(work, portions):
                    findings.add(found)
                    progress(f"{findings.tried} tried, {findings.exact} exact")
        finally:
            for _ in range(jobs):
                idle.get().stop()
    return findings


def progress(text):
    if sys.stderr.isatty():
        print(f"\r{text}", end="", file=sys.stderr)


def failed(findings):
    return bool(findings.wrong or findings.unexplained or findings.not_formatted
                or not findings.tried)


def show(findings, seconds):
    print(f"commits tried      {findings.tried}  (and {findings.empty} that have no patch)")
    print(f"exact trees        {findings.exact}")
    print(f"wrong trees        {len(findings.wrong)}")
    print(f"round trips        {findings.round_trips}, {len(findings.not_formatted)} not printed "
          f"as they were, {len(findings.not_canonical)} not canonical")
    print("outcomes           " + ", ".join(f"{name} {count}" for name, count
                                            in findings.outcomes.most_common()))
    print(f"seconds            {seconds:.1f}")
    for title, groups in [("refused, explained", findings.refused),
                          ("REFUSED, UNEXPLAINED", findings.unexplained)]:
        for reason, names in sorted(groups.items(), key=lambda group: -len(group[1])):
            print(f"{title}: {len(names)} × {reason}\n    e.g. {', '.join(names[:3])}")
    for title, names in [("WRONG TREE", findings.wrong),
                         ("NOT PRINTED AS IT WAS", findings.not_formatted),
                         ("not comparable: the tree has file modes that git no longer writes",
                          findings.not_comparable),
                         ("not canonical", findings.not_canonical),
                         ("exact, but not clean in place", findings.not_clean)]:
        for name in names[:20]:
            print(f"{title}: {name}")
        if len(names) > 20:
            print(f"{title}: and {len(names) - 20} more")


def self_check(clone, count, seed):
    """Whether the patches that this script cuts from a stream are those of `git format-patch`."""
    different = compared = 0
    with tempfile.TemporaryDirectory(prefix="oracle-") as folder:
        repo = commits.borrow(clone, Path(folder) / "repo")
        chosen = commits.sample(repo, commits.tip(clone), count, seed)
        for mode, renames in commits.RENAMES.items():
            for commit, patch in zip(chosen, commits.patches(repo, chosen, mode)):
                expected = commits.git(
                    repo, "format-patch", "-1", "--stdout", "--zero-commit", "--full-index",
                    "--no-signature", "--no-stat", "--binary", *renames, commit.name).stdout
                compared += 1
                if (patch or b"") != expected:
                    different += 1
                    print(f"differs from git format-patch: {commit.name} ({mode})")
    print(f"{compared} patches compared with git format-patch, {different} differ")
    return different


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kerb", type=Path, help="the binary to test")
    parser.add_argument("--repo", type=Path, required=True, help="a clone with history; only read")
    parser.add_argument("--count", type=int, help="commits to replay, 0 for all (1000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mode", choices=["MC", "plain", "both"], default="MC",
                        help="patches with renames and copies, without, or each commit twice")
    parser.add_argument("--commits", action="store_true", help="replay commits, not patch files")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--report", type=Path, help="write everything found as JSON")
    parser.add_argument("--self-check", action="store_true",
                        help="compare this script's patches with git format-patch; needs no kerb")
    options = parser.parse_args()
    if options.self_check:
        return 1 if self_check(options.repo, options.count or 200, options.seed) else 0
    if options.kerb is None:
        parser.error("--kerb is needed")
    count = 1000 if options.count is None else options.count
    mode = "commits" if options.commits else options.mode
    started = time.monotonic()
    findings = oracle(options.kerb.resolve(), options.repo, count, options.seed, mode, options.jobs)
    seconds = time.monotonic() - started
    show(findings, seconds)
    if options.report:
        report = {**vars(findings), "seconds": seconds}
        options.report.write_text(json.dumps(report, indent=1) + "\n")
    return 1 if failed(findings) else 0


if __name__ == "__main__":
    sys.exit(main())
