"""A base on which every patch of a series needs a merge of texts, and none conflicts."""

from long_series import ENVIRONMENT, git

import subprocess

LINE = b"# another first line\n"
# Lines so near to the start would meet the new one.
NEAR = 4


def touch(repository):
    """Gives a repository with branches `base` and `linear` a branch `touched`: `base` with a first line
    in every text file that the series only modifies, away from its start. Returns how many files."""
    files = modified(repository)
    modes = {}
    for line in git(repository, "ls-tree", "-r", "-z", "base").split("\0"):
        if line:
            mode, path = line.split()[0], line.split("\t", 1)[1]
            modes[path] = mode
    files = sorted(path for path in files if modes.get(path, "").startswith("100"))
    contents = blobs(repository, files)
    stream = [b"feature done\n", b"commit refs/heads/touched\n",
              b"committer A U Thor <author@example.com> 1500000000 +0000\n",
              b"data 6\nTouch\n\nfrom refs/heads/base^0\n"]
    touched = 0
    for path in files:
        content = contents[path]
        if not content or b"\0" in content or content.startswith(b"#!"):
            continue
        content = LINE + content
        name = path.encode("utf-8", "surrogateescape").replace(b"\\", b"\\\\").replace(b'"', b'\\"')
        stream.append(b'M %s inline "%s"\ndata %d\n' % (modes[path].encode(), name, len(content)))
        stream.append(content + b"\n")
        touched += 1
    subprocess.run(["git", "-C", str(repository), "fast-import", "--quiet", "--force"],
                   input=b"".join(stream) + b"done\n", check=True, env=ENVIRONMENT)
    return touched


def modified(repository):
    """The files that the series modifies, and does nothing else to, after their first lines."""
    kept, spoilt = set(), set()
    for entry in git(repository, "log", "--format=", "--raw", "-M", "--no-abbrev", "-z",
                     "base..linear").split("\0:"):
        words = entry.lstrip(":").split("\0")
        state, paths = words[0].split()[-1], [path for path in words[1:] if path]
        (kept if state == "M" else spoilt).update(paths)
    current = None
    for line in git(repository, "-c", "core.quotePath=false", "log", "--format=", "-p", "-U3",
                    "base..linear").split("\n"):
        if line.startswith("--- a/"):
            current = line[6:].rstrip("\t")
        elif line.startswith("@@ -") and int(line[4:].split(",")[0].split(" ")[0]) <= NEAR:
            spoilt.add(current)
    return kept - spoilt


def blobs(repository, paths):
    """The contents of files of `base`."""
    done = subprocess.run(
        ["git", "-C", str(repository), "cat-file", "--batch"],
        input="".join(f"base:{path}\n" for path in paths).encode("utf-8", "surrogateescape"),
        stdout=subprocess.PIPE, check=True, env=ENVIRONMENT).stdout
    result, position = {}, 0
    for path in paths:
        end = done.index(b"\n", position)
        size = int(done[position:end].split()[-1])
        result[path] = done[end + 1:end + 1 + size]
        position = end + 2 + size
    return result
