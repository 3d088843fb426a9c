#!/usr/bin/env python3
"""Compares `kerb diff` with `git range-diff` on ranges of a real history, line by line.

    range_diff.py --kerb .build/release/kerb --repo nova.git A..B C..D [A..B C..D …]

Merges are left out, as git leaves them out. Ids and names are not compared, and neither are the names of
binary content, which kerb shows and git does not. Exit status 1 where anything else differs.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
import time

HEAD = re.compile(r"^ *(\d+|-): +\S+ +([=!<>]) +(\d+|-): +\S+ *(.*)$")
BINARY = re.compile(r"( Binary files .* differ) \([0-9a-f]*\.\.[0-9a-f]*\)$")
ENVIRONMENT = {
    "PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_ATTR_NOSYSTEM": "1",
}


def output(*command):
    done = subprocess.run(command, capture_output=True, env=ENVIRONMENT)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr.decode(errors='replace')[:1000]}")
    return done.stdout


def write_stack(repo, work, release, commits):
    """One patch a commit below patches/demo, listed in the series of the release."""
    os.makedirs(f"{work}/patches/demo", exist_ok=True)
    os.makedirs(f"{work}/series", exist_ok=True)
    names = []
    for number, commit in enumerate(commits):
        name = f"demo/{release.replace('.', '-')}-{number:04}.patch"
        with open(f"{work}/patches/{name}", "wb") as file:
            file.write(output(
                "git", "-C", repo, "format-patch", "--stdout", "-1", "--zero-commit", "--full-index",
                "--no-signature", "--no-stat", "--binary", commit))
        names.append(name)
    with open(f"{work}/series/{release}", "w") as file:
        file.write("".join(name + "\n" for name in names))


def listed(repo, commits):
    """The non-merge commits of a range in the order of range-diff."""
    return output(
        "git", "-C", repo, "rev-list", "--reverse", "--date-order", "--no-merges",
        commits).decode().split()


def parsed(text):
    """A comparison as pairs: (left, status, right, subject, lines of the difference)."""
    pairs = []
    for line in text.decode(errors="replace").splitlines():
        match = None if line.startswith("    ") and pairs and not HEAD.match(line) else HEAD.match(line)
        if match:
            left, status, right, subject = match.groups()
            pairs.append((left, status, right, subject, []))
        else:
            pairs[-1][4].append(BINARY.sub(r"\1", line))
    return pairs


def compare(kerb, repo, one, other):
    lefts, rights = listed(repo, one), listed(repo, other)
    with tempfile.TemporaryDirectory() as work:
        with open(f"{work}/kerb.yaml", "w") as file:
            file.write(
                "version: 1\nreleases: ['1.0', '2.0']\n"
                "projects:\n  demo:\n    git: https://example.org/demo.git\n")
        write_stack(repo, work, "1.0", lefts)
        write_stack(repo, work, "2.0", rights)
        start = time.monotonic()
        own = parsed(output(kerb, "diff", "-C", work, "1.0/demo", "2.0/demo"))
        seconds = time.monotonic() - start
    start = time.monotonic()
    gits = parsed(output("git", "-C", repo, "range-diff", "--no-color", one, other))
    git_seconds = time.monotonic() - start
    pairing = [pair[:3] for pair in own] == [pair[:3] for pair in gits]
    counts = {status: sum(pair[1] == status for pair in gits) for status in "=!<>"}
    print(
        f"{one} ({len(lefts)}) and {other} ({len(rights)}): "
        + ", ".join(f"{count} {status}" for status, count in counts.items())
        + f"; kerb {seconds:.2f} s, git {git_seconds:.2f} s")
    different = [(mine, theirs) for mine, theirs in zip(own, gits) if mine != theirs]
    print(f"  pairing {'same' if pairing else 'DIFFERENT'}, "
          f"{len(gits) - len(different)} of {len(gits)} pairs the same to the letter")
    for mine, theirs in different[:3]:
        print(f"    kerb {mine[:4]}\n    git  {theirs[:4]}")
        for a, b in zip(mine[4] + [""] * len(theirs[4]), theirs[4] + [""] * len(mine[4])):
            if a != b:
                print(f"      kerb: {a!r}\n      git:  {b!r}")
                break
    return pairing and not different and len(own) == len(gits)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kerb", required=True)
    parser.add_argument("--repo", required=True)
    parser.add_argument("ranges", nargs="+")
    options = parser.parse_args()
    if len(options.ranges) % 2:
        parser.error("ranges come in pairs")
    kerb = os.path.abspath(options.kerb)
    results = [
        compare(kerb, options.repo, one, other)
        for one, other in zip(options.ranges[::2], options.ranges[1::2])]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
