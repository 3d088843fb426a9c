#!/usr/bin/env python3
"""Patches through kerb and back: what nobody has changed must come back to the byte.

    authoring.py stacks  --kerb BIN --workspace DIR          every stack of a workspace that is fetched
    authoring.py history --kerb BIN --clone DIR --count N    N changes of a clone's first-parent history
    authoring.py quilt   --kerb BIN --source DIR             a Debian source package, unpacked without patches

`stacks` applies and refreshes each stack; no byte may differ. `history` imports the changes as a series
(its tree must be the history's, its files those of `git format-patch`), applies and refreshes it, writes
every commit anew as git does, and refreshes again; no byte may differ. `quilt` imports `debian/patches`; the
tree must be the one that `quilt push -a` makes. Exit status 1 if one of these does not hold.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ENVIRONMENT = {
    **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8", "NO_COLOR": "1",
    "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "C", "GIT_COMMITTER_EMAIL": "c@example.org",
}
FORM = ["-N", "--zero-commit", "--full-index", "--no-signature", "--no-stat", "--binary"]


def run(*command, folder, environment=None, accept=(0,)):
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, env={**ENVIRONMENT, **(environment or {})},
        stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode not in accept:
        sys.exit(f"{command}: exit {done.returncode}\n{done.stdout.decode(errors='replace')[-2000:]}"
                 f"{done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout.decode(errors="replace").strip()


def files(workspace):
    return {
        str(file.relative_to(workspace)): file.read_bytes()
        for folder in ["patches", "series"] for file in sorted((workspace / folder).rglob("*")) if file.is_file()}


def differing(old, new):
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def stacks(options):
    source = Path(options.workspace).resolve()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "work"
        workspace.mkdir()
        for name in ["kerb.yaml", "patches", "series", ".kerb"]:
            copy = shutil.copytree if (source / name).is_dir() else shutil.copy
            copy(source / name, workspace / name)
        lock = (workspace / "series/upstream.lock").read_text().splitlines()
        names = [f"{line.split()[0]}/{line.split()[1]}" for line in lock if line and line[0] != "#"]
        before, bad, tried = files(workspace), [], 0
        for name in names:
            if not run(options.kerb, "series", name, folder=workspace):
                continue
            tried += 1
            run(options.kerb, "apply", name, folder=workspace)
            run(options.kerb, "refresh", name, folder=workspace)
            changed = differing(before, files(workspace))
            tree = workspace / "src" / name
            count = run("git", "rev-list", "--count", "HEAD", folder=tree)
            patches = len(run(options.kerb, "series", name, folder=workspace).splitlines())
            # Every commit anew, with another committer: only the messages say which patch is which.
            run("git", "rebase", "-q", "--force-rebase", f"HEAD~{patches}", folder=tree)
            run(options.kerb, "refresh", name, folder=workspace)
            changed += differing(before, files(workspace))
            if changed:
                bad.append((name, count, changed))
        print(f"{tried} stacks applied and refreshed, as they were and with new commits: "
              f"{len(bad)} with other bytes", flush=True)
        for entry in bad:
            print("   ", *entry)
        return bool(bad) or not tried


def linear(clone, repository, count):
    """The last changes of the first-parent history as one line of commits, with their authors and messages."""
    run("git", "init", "-q", "--bare", "-b", "master", repository, folder="/")
    objects = run("git", "rev-parse", "--path-format=absolute", "--git-path", "objects", folder=clone)
    (repository / "objects/info/alternates").write_text(objects + "\n")
    tip = run("git", "rev-parse", "HEAD", folder=clone)
    lines = run("git", "rev-list", "--first-parent", f"--max-count={count + 1}", "--parents", tip,
                folder=repository).splitlines()
    lines.reverse()
    base = parent = lines[0].split()[0]
    for line in lines[1:]:
        commit, *parents = line.split()
        told = parents[1] if len(parents) > 1 else commit
        form = "%an%x00%ae%x00%ad%x00%B"
        name, address, date, message = run(
            "git", "log", "-1", "--date=raw", f"--format={form}", told, folder=repository).split("\0", 3)
        made = subprocess.run(
            ["git", "commit-tree", f"{commit}^{{tree}}", "-p", parent], cwd=repository, input=message.encode(),
            capture_output=True, check=True, env={
                **ENVIRONMENT, "GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": address, "GIT_AUTHOR_DATE": date})
        parent = made.stdout.decode().strip()
    run("git", "update-ref", "refs/heads/master", base, folder=repository)
    run("git", "update-ref", "refs/heads/changes", parent, folder=repository)
    return base


def timed(what, *command, folder):
    start = time.monotonic()
    text = run(*command, folder=folder)
    print(f"    {what}: {time.monotonic() - start:.1f} s", flush=True)
    return text


def history(options):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        repository, workspace = folder / "upstream.git", folder / "work"
        base = linear(Path(options.clone).resolve(), repository, options.count)
        workspace.mkdir()
        kerb = options.kerb
        run(kerb, "init", "--project", "demo", "--git", "https://example.org/d.git", folder=workspace)
        run(kerb, "fetch", "master", "--update", "--from", repository, folder=workspace)
        timed("import", kerb, "import", "master/demo", "--from-repo", repository, f"{base}..changes",
              folder=workspace)
        names = run(kerb, "series", "master/demo", folder=workspace).splitlines()
        run("git", "format-patch", "-q", *FORM, f"{base}..changes", "-o", folder / "out", folder=repository)
        wanted = [file.read_bytes() for file in sorted((folder / "out").iterdir())]
        bad = [name for name, text in zip(names, wanted) if (workspace / name).read_bytes() != text]
        print(f"{len(names)} changes imported, {len(wanted)} written by git: {len(bad)} with other bytes")
        for name in bad[:3]:
            place = names.index(name)
            (folder / "wanted").write_bytes(wanted[place])
            print(run("diff", folder / "wanted", workspace / name, folder=folder, accept=(0, 1))[:600])
        failed = bool(bad) or len(names) != len(wanted)
        before = files(workspace)
        timed("apply", kerb, "apply", "master/demo", folder=workspace)
        tree = workspace / "src/master/demo"
        same = run("git", "rev-parse", "HEAD^{tree}", folder=tree) == run(
            "git", "rev-parse", "changes^{tree}", folder=repository)
        print("the tree is", "the history's" if same else "ANOTHER ONE")
        timed("refresh", kerb, "refresh", "master/demo", folder=workspace)
        changed = differing(before, files(workspace))
        print(f"refreshed: {len(changed)} files with other bytes", *changed[:5])
        failed = failed or not same or bool(changed)
        run("git", "rebase", "-q", "--force-rebase", base, folder=tree)
        timed("refresh from new commits", kerb, "refresh", "master/demo", folder=workspace)
        changed = differing(before, files(workspace))
        print(f"refreshed from new commits: {len(changed)} files with other bytes", *changed[:5])
        return failed or bool(changed)


def quilt(options):
    source = Path(options.source).resolve()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        tree, workspace = folder / "tree", folder / "work"
        shutil.copytree(source, tree, symlinks=True)
        shutil.move(tree / "debian/patches", folder / "patches")
        for name in ["debian", ".pc", ".git"]:
            shutil.rmtree(tree / name, ignore_errors=True)
        run("git", "init", "-q", "-b", "master", folder=tree)
        run("git", "add", "-A", "-f", folder=tree)
        run("git", "commit", "-q", "-m", "upstream", folder=tree)
        workspace.mkdir()
        run(options.kerb, "init", "--project", "demo", "--git", "https://example.org/d.git", folder=workspace)
        run(options.kerb, "fetch", "master", "--update", "--from", tree, folder=workspace)
        run(options.kerb, "import", "master/demo", "--quilt", folder / "patches/series", "--author",
            "Debian <debian@example.org>", folder=workspace)
        run(options.kerb, "apply", "master/demo", folder=workspace)
        ours = run("git", "rev-parse", "HEAD^{tree}", folder=workspace / "src/master/demo")
        run("quilt", "push", "-a", folder=tree, environment={"QUILT_PATCHES": str(folder / "patches")})
        shutil.rmtree(tree / ".pc", ignore_errors=True)
        run("git", "add", "-A", "-f", folder=tree)
        theirs = run("git", "write-tree", folder=tree)
        count = len(run(options.kerb, "series", "master/demo", folder=workspace).splitlines())
        print(f"{source.name}: {count} patches of quilt imported:",
              "the tree is quilt's" if ours == theirs else f"ANOTHER TREE, {ours} and not {theirs}")
        return ours != theirs or not count


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    modes = options.add_subparsers(dest="mode", required=True)
    for name, arguments in {
        "stacks": ["--workspace"], "history": ["--clone", "--count"], "quilt": ["--source"],
    }.items():
        mode = modes.add_parser(name)
        mode.add_argument("--kerb", required=True, type=lambda text: str(Path(text).resolve()))
        for argument in arguments:
            mode.add_argument(argument, required=True, type=int if argument == "--count" else str)
    chosen = options.parse_args()
    sys.exit(1 if {"stacks": stacks, "history": history, "quilt": quilt}[chosen.mode](chosen) else 0)


if __name__ == "__main__":
    main()
