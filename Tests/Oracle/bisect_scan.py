#!/usr/bin/env python3
"""Compares `kerb bisect` with a scan of every commit, on a real history.

    bisect_scan.py --kerb .build/release/kerb --repo nova.git --good 29.0.0 --bad master patches/nova/*.patch

The scan replays the patches on each commit of the first-parent history in order, by `kerb replay
--batch`, and takes the first on which they do not apply. Exit status 1 where the two differ.
"""
import argparse
import json
import subprocess
import sys
import time


def git(repo, *arguments):
    return subprocess.run(
        ["git", "-C", repo, *arguments], check=True, capture_output=True, text=True).stdout.split()


def scan(kerb, repo, commits, base, patches):
    """The outcome of every commit, and the seconds that it took."""
    jobs = "".join(
        json.dumps({"onto": commit, "base": base, "patches": patches, "dry_run": True}) + "\n"
        for commit in commits)
    start = time.monotonic()
    done = subprocess.run(
        [kerb, "replay", "--repo", repo, "--batch"], input=jobs, capture_output=True, text=True)
    seconds = time.monotonic() - start
    good = {"clean", "moved", "merged", "landed"}
    results = [json.loads(line) for line in done.stdout.splitlines()]
    failed = [result["error"] for result in results if result.get("error")]
    if failed or len(results) != len(commits):
        sys.exit(f"the scan failed: {failed[:1]} {done.stderr[:400]}")
    applies = [all(step["outcome"] in good for step in result["steps"]) for result in results]
    return applies, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kerb", required=True)
    parser.add_argument("--repo", required=True)
    parser.add_argument("--good", required=True)
    parser.add_argument("--bad", required=True)
    parser.add_argument("patches", nargs="+")
    options = parser.parse_args()

    start = time.monotonic()
    done = subprocess.run(
        [options.kerb, "bisect", "--repo", options.repo, "--good", options.good, "--bad",
         options.bad, "--json", "--patches", *options.patches], capture_output=True, text=True)
    seconds = time.monotonic() - start
    if done.returncode != 0:
        sys.exit(f"bisect ended with {done.returncode}: {done.stdout}{done.stderr}")
    report = json.loads(done.stdout)
    found = report["first_bad"]["id"]

    commits = git(
        options.repo, "rev-list", "--first-parent", "--reverse", f"{options.good}..{options.bad}")
    base = git(options.repo, "rev-parse", f"{options.good}^{{commit}}")[0]
    applies, scanned = scan(options.kerb, options.repo, commits, base, options.patches)
    first = commits[applies.index(False)]
    changes = sum(one != other for one, other in zip(applies, applies[1:]))
    # Where patches break, apply and break again, any place where they begin to break is right.
    starts = [
        commit for index, commit in enumerate(commits)
        if not applies[index] and (index == 0 or applies[index - 1])]

    print(f"commits      {len(commits)} (kerb: {report['commits']})")
    print(f"bisect       {found} in {report['probes']} probes, {seconds:.2f} s")
    print(f"scan         {first}, {scanned:.2f} s; {changes} changes of the verdict")
    same = report["commits"] == len(commits) and found in starts and (changes > 1 or found == first)
    print("same" if same else "DIFFERENT")
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
