"""Breaks kerb off, or lets a call fail, at the Nth of its calls that write.

The striking is done inside the process, by strike.c, so that each call can be met, whichever thread makes
it. `compare` holds what strike.c has counted against what strace sees.
"""

import errno
import functools
import os
import re
import subprocess
import tempfile
import threading
from pathlib import Path

FAULTS = {"KILL": 0, "ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "EACCES": errno.EACCES}
MAKING = threading.Lock()
# A command that hangs is a fault too.
SECONDS = 120
CALLS = (
    "open,openat,creat,write,pwrite64,pwritev,writev,rename,renameat,renameat2,link,linkat,symlink,symlinkat,"
    "unlink,unlinkat,mkdir,mkdirat,rmdir,fsync,fdatasync,ftruncate,truncate,chmod,fchmod,fchmodat,flock"
)


def memory():
    """A folder whose writes cost no disk, where there is one."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


@functools.cache
def built():
    folder = tempfile.TemporaryDirectory(prefix="strike-")
    source = Path(__file__).with_name("strike.c")
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", f"{folder.name}/strike.so", source, "-ldl"], check=True)
    return folder


def library():
    """The path of strike.c's library, which is made at the first call."""
    with MAKING:
        return f"{built().name}/strike.so"


class Striker:
    """Runs one program with strike.c in it; a log at a time, so one a thread."""

    def __init__(self, program, environment, folder):
        self.program = Path(program)
        self.environment = environment
        self.log = Path(folder) / f"strike.{id(self)}"
        self.library = library()

    def run(self, command, folder, number=0, fault="KILL", prefix=()):
        """The finished process; afterwards the calls are in `calls`, and the one that was struck in `struck`."""
        self.log.unlink(missing_ok=True)
        environment = {
            **self.environment, "LD_PRELOAD": self.library, "STRIKE_PROGRAM": self.program.name,
            "STRIKE_LOG": str(self.log), "STRIKE_AT": str(number), "STRIKE_WITH": str(FAULTS[fault])}
        if prefix:
            # The library is for the program, not for what runs it.
            del environment["LD_PRELOAD"]
        return subprocess.run(
            [*prefix, *command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=SECONDS)

    @property
    def calls(self):
        """A line for each call of the last run: number, name, path, file."""
        return self.log.read_text(errors="replace").splitlines() if self.log.exists() else []

    @property
    def struck(self):
        """The call of the last run that was struck, or nothing."""
        return next((line for line in self.calls if line.endswith(" struck")), None)

    def compare(self, command, folder):
        """What strace sees of a run and strike.c does not, or the other way round; nothing where all is well."""
        trace = self.log.with_suffix(".trace")
        self.run(command, folder, prefix=[
            "strace", "-f", "-qq", "-y", "-o", trace, "-e", f"trace=execve,{CALLS}", "-e", "signal=none",
            "-E", f"LD_PRELOAD={self.library}"])
        seen, started = {}, []
        for line in trace.read_text(errors="replace").splitlines():
            match = re.match(r"(\d+)\s+(\w+)\((.*)", line)
            if not match or str(self.log) in line or "anon_inode:" in line:
                continue
            process, call, text = match.groups()
            if call == "execve":
                started.append(process)
            # Other programs that it starts are not looked at.
            if call == "execve" or process in started[1:]:
                continue
            if call in ("open", "openat") and not re.search(r"O_CREAT|O_WRONLY|O_RDWR|O_TRUNC", text):
                continue
            if call == "write" and not re.match(r"\d+</", text):
                continue
            name = {"openat": "open", "pwrite64": "pwrite"}.get(call, call)
            seen[name] = seen.get(name, 0) + 1
        trace.unlink()
        counted = {}
        for line in self.calls:
            _, call, _ = line.split(" ", 2)
            name = {"openat": "open", "openat64": "open", "open64": "open", "pwrite64": "pwrite",
                    "ftruncate64": "ftruncate"}.get(call, call)
            counted[name] = counted.get(name, 0) + 1
        return {name: (seen.get(name, 0), counted.get(name, 0))
                for name in {*seen, *counted} if seen.get(name, 0) != counted.get(name, 0)}
