"""How kerb's replay fares on real ports: beside git's merge and beside what a person made.

    port_bench.py --kerb KERB --pairs PAIRS.tsv --clones DIR [--classes abc]

PAIRS has a line a port: repository, original, its parent, port, its parent, git's class (a: git's merge
is what the person made, b: clean but different, c: conflict), the person's tree, git's tree or `-`. DIR
holds a clone of each repository, as NAME or NAME.git."""

import argparse
import collections
import csv
import functools
import json
import re
import subprocess
import sys
import time
from pathlib import Path

# Those of the eager set that need no earlier port.
ALONE = ["delete-beside-insert", "neighbours", "words", "stays-deleted"]
RESOLVERS = ["sibling", "memory", *ALONE, "sure", "eager"]

PICKED = re.compile(r"cherry.picked from commit ([0-9a-f]{40})")
CHANGE_ID = re.compile(r"^Change-Id: *(I[0-9a-f]{40})", re.M)


def clone(folder, name):
    """The path of a repository's clone."""
    for candidate in [folder / name, folder / f"{name}.git"]:
        if candidate.exists():
            return candidate
    sys.exit(f"{folder} holds no clone of {name}")


def run(kerb, repository, jobs):
    """The results of jobs in order, and the seconds that they took."""
    start = time.monotonic()
    done = subprocess.run(
        [kerb, "replay", "--repo", repository, "--batch"],
        input="".join(json.dumps(job) + "\n" for job in jobs), capture_output=True, text=True,
        check=False)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    if len(results) != len(jobs):
        sys.exit(f"{len(results)} results for {len(jobs)} jobs: {done.stderr[-500:]}")
    return results, time.monotonic() - start


def is_open(result):
    return bool(result.get("error")) or any(
        step["outcome"] in ("conflicted", "blocked", "partly_landed") for step in result["steps"])


def same_as_git(kerb, folder, rows):
    """Prints a line a class: how many results are the person's, git's, another, a conflict."""
    counts = collections.defaultdict(collections.Counter)
    seconds = total = 0
    for name, group in by_repository(rows).items():
        results, took = run(kerb, clone(folder, name), [
            {"onto": row["backport_parent"], "commits": [row["original"]]} for row in group])
        seconds, total = seconds + took, total + len(group)
        for row, result in zip(group, results):
            kind = ("conflict" if is_open(result) else
                    "person's" if result["tree"] == row["human_tree"] else
                    "git's" if result["tree"] == row["git_tree_or_dash"] else "another")
            counts[row["class"]][kind] += 1
            expected = {"a": "person's", "b": "git's", "c": "conflict"}[row["class"]]
            if kind != expected:
                print(f"  {row['class']} {kind}: {name} {row['original']} onto {row['backport_parent']}")
    for key in sorted(counts):
        print(f"class {key}: " + ", ".join(f"{n} {kind}" for kind, n in counts[key].most_common()))
    print(f"{1000 * seconds / total:.2f} ms a pair over {total} pairs")


def by_repository(rows):
    groups = collections.defaultdict(list)
    for row in rows:
        groups[row["repo"]].append(row)
    return groups


Port = collections.namedtuple("Port", "commit parent original key date")


def history(repository, rows):
    """Every port that the branches and tags hold, and those of some rows, oldest first: a commit that
    says where it was picked from. Ports of one change have the same key."""
    ports = read(repository, ["--branches", "--tags", "-E", f"--grep={PICKED.pattern}"])
    known = {port.commit for port in ports}
    others = [commit for commit in rows if commit not in known]
    ports += read(repository, ["--no-walk", *others], rows) if others else []
    return sorted(ports, key=lambda port: (port.date, port.commit))


def read(repository, which, rows=None):
    """The ports among some commits; what a row is the port of is taken from the row."""
    text = subprocess.run(
        ["git", "-C", repository, "log", "--no-merges", "--format=%H %P%x00%ct%x00%B%x01", *which],
        capture_output=True, check=True).stdout.decode("utf-8", "replace")
    known = subprocess.run(
        ["git", "-C", repository, "cat-file", "--batch-check=%(objectname) %(objecttype)"],
        input="\n".join(set(PICKED.findall(text))), capture_output=True, text=True, check=True).stdout
    known = {line.split()[0] for line in known.splitlines() if line.endswith(" commit")}
    ports = []
    for entry in text.split("\x01"):
        if not entry.strip():
            continue
        ids, date, message = entry.strip().split("\0")
        commit, parent = ids.split()
        originals = [one for one in PICKED.findall(message) if one in known]
        original = rows[commit]["original"] if rows else originals[0] if originals else None
        if original:
            change = CHANGE_ID.search(message)
            ports.append(Port(commit, parent, original, change[1] if change else original, int(date)))
    return ports


@functools.cache
def conflicting(kerb, repository, ports):
    """Those of some ports that conflict; only they teach a resolution."""
    results, _ = run(kerb, repository, [
        {"onto": port.parent, "commits": [port.original]} for port in ports])
    return {port.commit for port, result in zip(ports, results) if is_open(result)}


def jobs(kerb, repository, group, resolve, with_history):
    """A job a pair, with the pair; with history a job for every other port that conflicts too, in the
    order of their dates, so that what was resolved before is known."""
    conflicts = {row["backport"]: row for row in group if row["class"] == "c"}
    if not with_history:
        # What the person did is compared; without `memory` nothing that it teaches is used.
        return [(row, {"onto": row["backport_parent"], "commits": [row["original"]],
                       "resolve": ",".join(ALONE) if resolve == "eager" else resolve,
                       "human": row["backport"]}) for row in conflicts.values()]
    earlier = collections.defaultdict(list)
    made = []
    ports = tuple(history(repository, conflicts))
    teaching = conflicting(kerb, repository, ports)
    for port in ports:
        row = conflicts.get(port.commit)
        original = row["original"] if row else port.original
        if row or port.commit in teaching:
            made.append((row, {
                "onto": port.parent, "commits": [original], "resolve": resolve,
                "siblings": earlier[port.key][::-1] if row else [], "human": port.commit}))
        earlier[port.key].append(port.commit)
    return made


def resolved(kerb, folder, rows, resolve, with_history):
    """Counts how git's conflicts end with some resolvers, and what the person chose in the rest."""
    counts = collections.Counter()
    for name, group in by_repository(rows).items():
        repository = clone(folder, name)
        made = jobs(kerb, repository, group, resolve, with_history)
        if not made:
            continue
        for (row, _), result in zip(made, run(kerb, repository, [job for _, job in made])[0]):
            if row is None:
                continue
            human = result.get("human") or {}
            if is_open(result):
                counts["open"] += 1
                counts["chunks"] += len(human.get("chosen", []))
                counts["offered"] += sum(one is not None for one in human.get("chosen", []))
                for one in human.get("chosen", []):
                    counts[f"candidate {one}"] += 1
            elif result["tree"] == row["human_tree"]:
                counts["identical"] += 1
            elif human.get("elsewhere"):
                counts["elsewhere"] += 1
            else:
                counts["different"] += 1
                print(f"  {resolve} differs: {name} {row['original'][:12]} {row['backport'][:12]}",
                      file=sys.stderr)
    return counts


def table(kerb, folder, rows, with_history, resolvers):
    total = sum(row["class"] == "c" for row in rows)
    print(f"{'resolvers':22} identical  different  elsewhere   open  precision  ends")
    for resolve in resolvers:
        if not with_history and resolve in ("sibling", "memory", "sure"):
            continue
        c = resolved(kerb, folder, rows, resolve, with_history)
        ended = c["identical"] + c["different"]
        precision = f"{100 * c['identical'] / ended:8.1f}%" if ended else "       - "
        print(f"{resolve:22} {c['identical']:9} {c['different']:10} {c['elsewhere']:10} {c['open']:6} "
              f"{precision} {100 * c['identical'] / max(total, 1):5.1f}%", flush=True)
        if resolve in ("sure", "eager"):
            print(f"    of {c['chunks']} open places the person's lines are offered in {c['offered']} "
                  f"({100 * c['offered'] / max(c['chunks'], 1):.1f}%), by rank: "
                  + ", ".join(str(c[f'candidate {rank}']) for rank in range(5)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kerb", required=True)
    parser.add_argument("--pairs", required=True, type=Path)
    parser.add_argument("--clones", required=True, type=Path)
    parser.add_argument("--resolvers", default=RESOLVERS, type=lambda text: text.split(","),
                        help="which to measure, in the order given")
    parser.add_argument("--only", choices=["git", "alone", "history"])
    options = parser.parse_args()
    with options.pairs.open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    if options.only in (None, "git"):
        same_as_git(options.kerb, options.clones, rows)
    if options.only in (None, "alone"):
        print("\ngit's conflicts, without any earlier port:")
        table(options.kerb, options.clones, rows, False, options.resolvers)
    if options.only in (None, "history"):
        print("\ngit's conflicts, with the earlier ports of the same original and their resolutions:")
        table(options.kerb, options.clones, rows, True, options.resolvers)


if __name__ == "__main__":
    main()
