"""The harness itself: programs that do what kerb must not do are noticed."""

from cases import ARTIFACT, add

FAKES = [
    ("program", "runs the payload", "a program ran", '"$0-payload"'),
    ("write", "writes outside the workspace", "made outside/new", "echo x > ../outside/new"),
    ("change", "changes a file outside", "changed outside/precious", "echo more >> ../outside/precious"),
    ("touch", "sets a date outside", "changed outside/precious", "touch ../outside/precious"),
    ("mode", "changes a mode outside", "changed outside/precious", "chmod 600 ../outside/precious"),
    ("remove", "removes a file outside", "removed outside/precious", "rm ../outside/precious"),
    (
        "hook",
        "writes a hook of the workspace's own repository",
        "made ws/.git/hooks",
        "mkdir -p .git/hooks; echo x > .git/hooks/post-checkout",
    ),
    ("leftover", "leaves a temporary file", "made tmp/left", "echo x > ../tmp/left"),
    (
        "tracked",
        "changes a patch in a verb that only looks",
        "tracked files: changed patches/demo/one.patch",
        "echo x >> patches/demo/one.patch",
    ),
    ("secret", "prints a secret", "a secret is in its output", "cat ../outside/secret"),
    ("export", "exports a secret", "a secret is in dist/x", "mkdir -p dist; cat ../outside/secret > dist/x"),
    ("hang", "hangs", "hangs", "sleep 100"),
    ("crash", "is ended by a signal", "ended by SIGSEGV", "kill -SEGV $$"),
    ("exit", "ends with another exit code", "exit 9, not 0", "exit 9"),
    ("control", "prints a control byte", "a raw control byte", r'printf "\033[31mred"'),
    ("runner", "prints a command to a CI runner", "a command to a CI runner", 'echo "::error::x"'),
    ("bidi", "prints a mark that moves text", "a raw mark", r'printf "\342\200\256"'),
    ("memory", "takes much memory", "takes 4", "exec python3 -c 'x = bytearray(b\"x\") * (400 << 20)'"),
    ("setid", "makes a file that runs as its owner", "is set-id", "echo x > dist-x; chmod 4755 dist-x"),
    ("silent", "says nothing where it has to", "does not say 'refused'", "exit 0"),
]
TRACED = [
    (
        "started",
        "starts a program that the verb does not need",
        'started "/usr/bin/env"',
        "env true > /dev/null",
    ),
    ("read", "reads a file outside", "reads", "read x < ../outside/precious"),
    ("opened", "opens a file outside to write and leaves it", "writes", ": >> ../outside/precious"),
    ("setting", "reads a setting of the system that it does not need", "reads /etc/", "read x < /etc/shells"),
    ("process", "reads the environment of another process", "reads /proc/", "read x < /proc/$PPID/environ"),
    (
        "python",
        "starts python3 with another program",
        'started "/usr/bin/python3"',
        "/usr/bin/python3 -c pass",
    ),
    (
        "git",
        "starts git without settings of its own",
        'started "/usr/bin/git"',
        "/usr/bin/git --version > /dev/null",
    ),
]


def plant(w, script):
    payload = w.root / "fake-payload"
    payload.write_bytes(w.payload.read_bytes())
    payload.chmod(0o755)
    w.kerb = w.root / "fake"
    w.kerb.write_text(f"#!/bin/sh\n{script}\n")
    w.kerb.chmod(0o755)
    w.limits.wall = 3
    # A verb that may start programs is looked at for which ones.
    label = "fetch" if script.startswith("/usr/bin/") else "check"
    w.then(label, 0, *(["refused"] if script == "exit 0" else []))


for name, does, seen, script in FAKES:
    add(f"harness-{name}", [ARTIFACT], f"A kerb that {does} is noticed.", plant, script, must_see=seen)
for name, does, seen, script in TRACED:
    add(
        f"harness-{name}",
        [ARTIFACT],
        f"A kerb that {does} is noticed.",
        plant,
        script,
        must_see=seen,
        only_traced=True,
    )
