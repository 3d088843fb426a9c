#!/usr/bin/env python3
"""Puts a stack in random orders that its `kerb graph` allows: each must give the same tree.

    reorder.py --kerb .build/release/kerb --workspace . [--orders 30] 2024.1/nova

The stack's tree must have been fetched. Exit status 1 where an order does not apply or gives another tree.
"""
import argparse
import json
import random
import subprocess
import sys


def output(*command, status=(0,)):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in status:
        sys.exit(f"{' '.join(command[:6])} …: {done.stdout[:400]}{done.stderr[:400]}")
    return json.loads(done.stdout)


def an_order(needs, generator):
    """Places of patches, each behind all that it needs; without a generator the last that is free first."""
    order, left = [], list(range(len(needs)))
    while left:
        free = [place for place in left if needs[place] <= set(order)]
        chosen = generator.choice(free) if generator else free[-1]
        order.append(chosen)
        left.remove(chosen)
    return order


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kerb", required=True)
    parser.add_argument("--workspace", default=".")
    parser.add_argument("--orders", type=int, default=30)
    parser.add_argument("stack")
    options = parser.parse_args()
    workspace, project = options.workspace, options.stack.split("/")[1]

    graph = output(options.kerb, "graph", "-C", workspace, options.stack, "--json")["patches"]
    check = output(options.kerb, "check", "-C", workspace, options.stack, "--json")["stacks"][0]
    needs = [{need["index"] for need in patch["needs"]} for patch in graph]
    names = [f"{workspace}/{patch['patch']}" for patch in graph]

    def replayed(order):
        result = output(
            options.kerb, "replay", "--repo", f"{workspace}/.kerb/upstream/{project}.git", "--onto",
            check["tree"], "--json", *[names[place] for place in order], status=(0, 1))
        return result["tree"], {step["outcome"] for step in result["steps"]} <= {
            "clean", "moved", "merged", "landed"}

    usual = replayed(range(len(names)))
    orders = [an_order(needs, random.Random(seed) if seed else None) for seed in range(options.orders)]
    different = [order for order in orders if replayed(order) != usual]
    edges = sum(len(each) for each in needs)
    moved = sum(order != sorted(order) for order in orders)
    print(f"{options.stack}: {len(names)} patches, {edges} dependencies; "
          f"{len(orders) - len(different)} of {len(orders)} orders the same, {moved} of them not the usual one")
    for order in different[:3]:
        print("  " + " ".join(str(place + 1) for place in order))
    sys.exit(0 if usual[1] and not different else 1)


if __name__ == "__main__":
    main()
