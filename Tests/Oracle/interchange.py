#!/usr/bin/env python3
"""Applies a stack with `git am` and with quilt; both must make the tree that kerb made.

    interchange.py --kerb BIN --workspace DIR --upstream-repo CLONE --upstream COMMIT \\
        --result TREE STACK

TREE is what `kerb apply STACK` made of COMMIT. Exit status 1 when a tool refuses or makes another
tree.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import commits

WHO = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
       for what, value in (("NAME", "A U Thor"), ("EMAIL", "author@example.com"))}
# Files reach the work tree and come back as they are, whatever upstream's .gitattributes says.
VERBATIM = "* -text -ident -filter -working-tree-encoding\n"


def interchange(kerb, workspace, stack, upstream_repo, upstream, result):
    """What differs, as sentences; empty when `git am` and quilt make the tree `result` from the
    patch files that `kerb series` lists."""
    listed = subprocess.run([str(kerb), "series", stack], cwd=workspace, env=commits.ENVIRONMENT,
                            stdout=subprocess.PIPE, check=True).stdout
    names = [os.fsdecode(line) for line in listed.splitlines()]
    if not names:
        return [f"kerb series {stack} lists no patch"]
    differences = []
    for tool, push in (("git am", git_am), ("quilt", quilt)):
        with tempfile.TemporaryDirectory(prefix="interchange-") as folder:
            tree = checkout(upstream_repo, upstream, Path(folder))
            problem = push(tree, Path(workspace).resolve(), names, Path(folder))
            made = None if problem else tree_of(tree)
        if problem:
            differences.append(f"{tool} stops: {problem}")
        elif made != result:
            differences.append(f"{tool} makes tree {made}, kerb made {result}")
    return differences


def checkout(clone, commit, folder):
    """A work tree of `commit` that borrows the clone's objects."""
    commits.borrow(clone, folder / "tree/.git")
    tree = folder / "tree"
    commits.git(tree, "config", "core.bare", "false")
    (tree / ".git/info").mkdir(exist_ok=True)
    (tree / ".git/info/attributes").write_text(VERBATIM)
    commits.git(tree, "checkout", "-q", "-f", "--detach", commits.tip(clone, commit))
    return tree


def git_am(tree, workspace, names, folder):
    """Applies the patches, one commit each; what git says when it stops."""
    files = [str(workspace / name) for name in names]
    # Without --keep-cr, git am takes the CR of a CRLF file's lines for damage done by mail.
    run = commits.git(tree, "am", "-q", "--keep-cr", "--whitespace=nowarn", *files,
                      environment=WHO, check=False)
    return last_line(run) if run.returncode else None


def quilt(tree, workspace, names, folder):
    """Pushes the patches as a quilt series; what quilt says when it stops."""
    patches = folder / "patches"
    for name in names:
        (patches / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(workspace / name, patches / name)
    (patches / "series").write_text("".join(f"{name}\n" for name in names))
    settings = {**commits.ENVIRONMENT, "QUILT_PATCHES": str(patches),
                "QUILT_PC": str(folder / "pc"), "QUILT_PUSH_ARGS": "--fuzz=0"}
    run = subprocess.run(["quilt", "--quiltrc", "-", "push", "-a", "-q"], cwd=tree, env=settings,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return last_line(run) if run.returncode else None


def last_line(run):
    said = (run.stdout or b"") + (run.stderr or b"")
    return " / ".join(said.decode(errors="replace").strip().splitlines()[-4:])


def tree_of(tree):
    commits.git(tree, "add", "-A", "-f", ".")
    return commits.git(tree, "write-tree", "--missing-ok").stdout.decode().strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kerb", type=Path, required=True)
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--upstream-repo", type=Path, required=True, help="a clone; only read")
    parser.add_argument("--upstream", required=True, help="the commit under the stack")
    parser.add_argument("--result", required=True, help="the tree that kerb apply made")
    parser.add_argument("stack")
    options = parser.parse_args()
    differences = interchange(options.kerb.resolve(), options.workspace, options.stack,
                              options.upstream_repo, options.upstream, options.result)
    for difference in differences:
        print(f"{options.stack}: {difference}")
    if not differences:
        print(f"{options.stack}: git am and quilt make {options.result} too")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
