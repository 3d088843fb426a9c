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

# Programs and their libraries; nobody's secrets are there.
SYSTEM = ("/usr/", "/lib/", "/lib64/", "/bin/")
# What the C library, git, OpenSSL and pip read of the system's settings, each by its name.
SETTINGS = {
    f"/etc/{name}"
    for name in (
        "ca-certificates.conf",
        "crypto-policies/back-ends/opensslcnf.config",
        "debian_version",
        "gai.conf",
        "gitconfig",
        "gnutls/config",
        "group",
        "host.conf",
        "hosts",
        "ld.so.cache",
        "ld.so.preload",
        "locale.alias",
        "localtime",
        "lsb-release",
        "mime.types",
        "nsswitch.conf",
        "os-release",
        "passwd",
        "pip.conf",
        "resolv.conf",
        "ssl/openssl.cnf",
        "xdg/pip/pip.conf",
    )
} | {
    "/dev/null",
    "/dev/random",
    "/dev/tty",
    "/dev/urandom",
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys/vm/overcommit_memory",
    "/proc/version",
}
PATTERNS = re.compile(
    r"/etc/(ssl|pki/tls)/certs(/[^/]+)?|/etc/python3(\.\d+)?/sitecustomize\.py|/etc/ld\.so\.conf(\.d/[^/]+)?"
    r"|/sys/devices/system/cpu(/possible|/online)?|/sys/fs/cgroup(/[a-z,]+)?/cpu(set)?\.[a-z_.]+"
    r"|/sys/kernel/mm/transparent_hugepage/\w+"
)
# Of a process that is looked at; `environ`, `mem` and `cwd` are not among them. Whether another one still lives is
# asked of its `stat`.
OF_PROCESS = re.compile(
    r"/proc/(self|thread-self|\d+)(/task/\d+)?(/(maps|stat|status|fd|cgroup|mountinfo|auxv))?"
)
# Folders that are only gone through.
ON_THE_WAY = {folder.rstrip("/") for folder in SYSTEM} | {
    "/etc",
    "/run",
    "/var",
    "/dev",
    "/tmp",
    "/proc",
    "/sys",
}
# A file that is given to a program as its input: it loses its name in the next call.
INPUT = re.compile(r"/tmp/kerb-input-\d+")

# What git starts of its own; where options end the rest is its business.
GIT_PARTS = {"index-pack", "pack-objects", "remote-https", "rev-list", "unpack-objects", "upload-pack"}
# pip's session says in a header on what system it runs, and asks for that.
PIP_PARTS = [
    ["uname", "-rs"],
    ["uname", "-p"],
    ["lsb_release", "-a"],
    ["tr", "[:upper:]", "[:lower:]"],
    ["tr", "[:lower:]", "[:upper:]"],
    ["cut", "-c1"],
    ["cut", "-c2-"],
]


def command(file):
    """What to put before a command to have its calls in a file."""
    return ["strace", "-f", "-qq", "-y", "-s", "4096", "-e", f"trace={CALLS}", "-o", str(file)]


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


def processes(file):
    """The numbers of the processes and threads of the trace."""
    with open(file, errors="surrogateescape") as lines:
        return {line.split(" ", 1)[0] for line in lines}


def judge(file, current, kerb, may_start, may_read, may_write):
    """Problems, each once: a program that is not of the verb, a file that is not of the workspace."""
    problems, own = [], processes(file)
    for name, named, flags, arguments in events(file, current):
        for path in named:
            if name.startswith("exec"):
                if not is_allowed_program(path, arguments, kerb, may_start, may_read):
                    problems.append(f"started {arguments[:140]}")
                continue
            folder = os.path.dirname(path)
            # What was opened is shown as what it is; so is an open folder in which a name is changed. Other ways
            # are gone again: what is a link by now may have been a folder then.
            is_shown = name.startswith(("open", "creat")) or f"<{folder}>, " in arguments
            real = path if is_shown else os.path.join(os.path.realpath(folder), os.path.basename(path))
            if any(is_below(real, p) for p in may_write) or real.startswith(("pipe:", "socket:")):
                continue
            if WRITES.search(flags):
                is_input = INPUT.fullmatch(real) and ("O_EXCL" in flags or name == "unlink")
                if real not in ("/dev/null", "/dev/tty") and not is_input:
                    problems.append(f"{name} writes {real}")
            elif not is_of_system(real, own) and not is_above(real, may_write):
                if not any(is_below(real, p) for p in may_read):
                    problems.append(f"{name} reads {real}")
    return sorted(set(problems))


def is_of_system(path, own):
    """True for what programs need of the system, and of themselves."""
    if path.startswith(SYSTEM) or path in SETTINGS or path in ON_THE_WAY or PATTERNS.fullmatch(path):
        return True
    match = OF_PROCESS.fullmatch(path)
    return bool(match) and (not match[1].isdigit() or match[1] in own or match[4] == "stat")


def is_below(path, folder):
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def is_above(path, folders):
    """The folders on the way to the workspace may be looked at: kerb.yaml is searched upwards."""
    return any(is_below(folder, path) for folder in folders)


def is_allowed_program(path, arguments, kerb, may_start, may_read):
    """True for kerb, and for git and python3 with what kerb has them do."""
    if path == kerb:
        return True
    words = [os.fsdecode(unquoted(word)) for word in STRING.findall(arguments)][1:]
    if not may_start or not words or not path.startswith(("/usr/bin/", "/usr/lib/git-core/", "/bin/")):
        return False
    match os.path.basename(path):
        case "git" if path.startswith("/usr/bin/"):
            return words[1:3] == ["-c", "core.hooksPath=/dev/null"]
        case "git":
            options = [w for w in words[1:] if w in GIT_PARTS][:1]
            return bool(options) and all(
                w.startswith(("-", "/")) or not w for w in words[1 : words.index(options[0])]
            )
        case "git-upload-pack":
            return words[1:] and any(is_below(words[-1], p) for p in may_read)
        case "git-remote-https":
            return all(w.startswith("https://") for w in words[1:])
        case "sh" | "dash":
            # How git starts the other side of a clone on this machine.
            said = re.fullmatch(r"git-upload-pack '([^']+)'", words[2]) if words[1:2] == ["-c"] else None
            return bool(said) and any(is_below(said[1], p) for p in may_read)
        case "python3":
            return words[1:3] == ["-I", "-c"] and words[3].startswith(
                "import contextlib, json, os, stat, sys, time"
            )
        case "getopt":
            return words[1:3] == ["--name", "lsb_release"]
    return words in PIP_PARTS
