"""What is looked at before and after each command: the surroundings, and what the command said."""

import hashlib
import io
import os
import re
import stat
import tarfile

SECRET = b"SECRET-4711"
CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
# C1 controls, and marks that change the direction of text.
MARKS = re.compile("[\u0080-\u009f\u202a-\u202e\u2066-\u2069]")
RUNNER = re.compile(rb"^(::|##\[)", re.M)


class Picture:
    """Names, types, modes, sizes, times, contents and targets of what is below folders.

    Contents are read again only where a file's inode says that it changed.
    """

    def __init__(self):
        self.read = {}

    def take(self, folders, without=(), dateless=()):
        """`dateless` are folders in which files may come and go, so their own times do not count."""
        found = {}
        for folder in folders:
            self.add(
                os.fsencode(folder),
                found,
                {os.fsencode(p) for p in without},
                {os.fsencode(p) for p in dateless},
            )
        return found

    def add(self, path, found, without, dateless):
        if path in without:
            return
        try:
            status = os.lstat(path)
        except FileNotFoundError:
            return
        kind = stat.S_IFMT(status.st_mode)
        entry = [oct(kind), oct(stat.S_IMODE(status.st_mode)), status.st_rdev]
        if kind == stat.S_IFDIR:
            entry.append(0 if path in dateless else status.st_mtime_ns)
        elif kind == stat.S_IFLNK:
            entry += [status.st_mtime_ns, os.readlink(path)]
        else:
            entry += [status.st_mtime_ns, status.st_size, self.digest(path, status)]
        found[path] = tuple(entry)
        if kind == stat.S_IFDIR and os.access(path, os.R_OK | os.X_OK):
            for name in sorted(os.listdir(path)):
                self.add(path + b"/" + name, found, without, dateless)

    def digest(self, path, status):
        if not stat.S_ISREG(status.st_mode) or status.st_size > 8 << 20:
            return None
        key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        if key not in self.read:
            try:
                with open(path, "rb") as file:
                    self.read[key] = hashlib.sha1(file.read()).hexdigest()
            except PermissionError:
                self.read[key] = None
        return self.read[key]


def differences(before, after, root):
    """Phrases for what has changed, at most six."""
    phrases = []
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) == after.get(path):
            continue
        what = "made" if path not in before else "removed" if path not in after else "changed"
        shown = os.path.relpath(path, os.fsencode(root)).decode("utf-8", "backslashreplace")
        phrases.append(f"{what} {shown}")
    return phrases[:6] + (["…"] if len(phrases) > 6 else [])


def output_problems(out, err):
    """What must never be in a command's output."""
    problems = []
    for name, data in (("output", out), ("messages", err)):
        if SECRET in data:
            line = next(l for l in data.splitlines() if SECRET in l)
            problems.append(f"a secret is in its {name}: {line[:80]!r}")
        if CONTROL.search(data):
            at = CONTROL.search(data).start()
            problems.append(f"a raw control byte in its {name}: {data[max(0, at - 20):at + 20]!r}")
        if MARKS.search(data.decode("utf-8", "replace")):
            problems.append(f"a raw mark that moves text in its {name}")
        if RUNNER.search(data):
            problems.append(f"a command to a CI runner in its {name}")
    return problems


def files_below(folder, without=()):
    """Regular files below a folder, each with what the system says of it; no link is followed."""
    waiting = [os.fsencode(folder)]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in without:
                    waiting.append(entry.path)
            elif entry.is_file(follow_symlinks=False):
                yield entry.path, entry.stat(follow_symlinks=False)


def secrets_below(folder):
    """Files below a folder that have a secret in them, also inside archives."""
    return [
        os.path.relpath(path, os.fsencode(folder)).decode("utf-8", "replace")
        for path, status in files_below(folder, [b".git"])
        if status.st_size < 8 << 20 and has_secret(path)
    ]


def has_secret(path):
    try:
        with open(path, "rb") as file:
            data = file.read()
    except PermissionError:
        return False
    if SECRET in data:
        return True
    if not data.startswith(b"\x1f\x8b"):
        return False
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            return any(SECRET in archive.extractfile(m).read(1 << 20) for m in archive if m.isfile())
    except (tarfile.TarError, OSError, EOFError):
        return False


def with_set_ids(folder):
    """Files below a folder that run as their owner or group."""
    return [os.fsdecode(path) for path, status in files_below(folder) if status.st_mode & 0o6000]
