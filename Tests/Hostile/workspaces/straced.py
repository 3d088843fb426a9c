"""Reads what strace wrote, and judges which programs were started and which files were opened."""

import os
import re

CALLS = (
    "execve,execveat,open,openat,openat2,creat,truncate,unlink,unlinkat,rename,renameat,renameat2,"
    "mkdir,mkdirat,rmdir,symlink,symlinkat,link,linkat,mknod,mknodat,chmod,fchmodat,chown,lchown,"
    "fchownat,utimensat"
)
WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND")
LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\)\s+= (-?\d+)(?:<(.*)>)?")
UNFINISHED = re.compile(r"^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$")
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
FOLDER = re.compile(r"^(?:AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>, ?")

# Where programs and the system's own files are; nobody's secrets.
SYSTEM = (
    "/usr/",
    "/lib/",
    "/lib64/",
    "/bin/",
    "/opt/",
    "/proc/",
    "/sys/",
    "/etc/",
    "/dev/null",
    "/dev/urandom",
    "/dev/random",
    "/dev/tty",
)
# Folders that are only gone through.
ON_THE_WAY = {folder.rstrip("/") for folder in SYSTEM} | {"/run", "/var", "/dev", "/tmp"}
PROGRAMS = {
    "git",
    "git-upload-pack",
    "git-remote-https",
    "git-remote-http",
    "git-remote-git",
    "ssh",
    "python3",
    "python3.11",
    "python",
}


def joined(lines):
    """The calls of the trace; what another thread interrupted is put together."""
    open_calls = {}
    for line in lines:
        line = line.rstrip("\n")
        if match := UNFINISHED.match(line):
            open_calls[match[1], match[2]] = match[3]
        elif match := RESUMED.match(line):
            start = open_calls.pop((match[1], match[2]), None)
            if start is not None:
                yield f"{match[1]} {match[2]}({start}{match[3]}"
        else:
            yield line


def unquoted(text):
    """The bytes of a string as strace prints it."""
    plain = text.encode("latin-1", "replace").decode("unicode_escape", "replace")
    return plain.encode("latin-1", "replace").decode("utf-8", "surrogateescape")


def paths(arguments, current):
    """The paths that a call names, absolute, as far as they are strings of the call."""
    found, rest = [], arguments
    while rest:
        folder = current
        if match := FOLDER.match(rest):
            folder, rest = unquoted(match[1]), rest[match.end() :]
        match = STRING.match(rest)
        if not match:
            comma = rest.find(", ")
            if comma < 0:
                break
            rest = rest[comma + 2 :]
            continue
        found.append(os.path.normpath(os.path.join(folder, unquoted(match[1]))))
        rest = rest[match.end() :].removeprefix(", ")
    return found


def events(file, current):
    """(call, paths, flags, arguments) of each call that succeeded."""
    with open(file, errors="surrogateescape") as lines:
        for line in joined(lines):
            match = LINE.match(line)
            if not match or match[3].startswith("-"):
                continue
            name, arguments, _, result = match.groups()
            named = paths(arguments, current)
            if name.startswith("exec"):
                yield name, named[:1], "", arguments
            elif name in ("open", "openat", "openat2", "creat"):
                opened = [unquoted(result)] if result else named[:1]
                yield name, opened, "O_CREAT" if name == "creat" else arguments, arguments
            else:
                last = named[-1:] if name in ("symlink", "symlinkat") else named
                yield name, last, "O_CREAT", arguments


def judge(file, current, kerb, may_start, may_read, may_write):
    """Problems, each once: a program that is not of the verb, a file that is not of the workspace."""
    problems = []
    for name, named, flags, arguments in events(file, current):
        for path in named:
            if name.startswith("exec"):
                if not is_allowed_program(path, arguments, kerb, may_start):
                    problems.append(f"started {arguments[:140]}")
                continue
            real = (
                path
                if name.startswith(("open", "creat"))
                else os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
            )
            if any(is_below(real, p) for p in may_write) or real.startswith(("pipe:", "socket:")):
                continue
            if WRITES.search(flags):
                if not real.startswith(("/dev/null", "/dev/tty", "/proc/self")):
                    problems.append(f"{name} writes {real}")
            elif not real.startswith(SYSTEM) and real not in ON_THE_WAY and not is_above(real, may_write):
                if not any(is_below(real, p) for p in may_read):
                    problems.append(f"{name} reads {real}")
    return sorted(set(problems))


def is_below(path, folder):
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def is_above(path, folders):
    """The folders on the way to the workspace may be looked at: kerb.yaml is searched upwards."""
    return any(is_below(folder, path) for folder in folders)


def is_allowed_program(path, arguments, kerb, may_start):
    if path == kerb:
        return True
    if not may_start or not path.startswith(("/usr/", "/bin/")):
        return False
    name = os.path.basename(path)
    if name in ("sh", "dash"):
        # How git starts the other side of a clone on this machine.
        return "\"git-upload-pack '" in arguments
    return name in PROGRAMS or path.startswith("/usr/lib/git-core/")
