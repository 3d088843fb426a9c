"""A workspace as a hostile pull request would make it: everything that a patch may hold tries to act on a
terminal, a page or a CI runner."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
KERB = pathlib.Path(os.environ.get("KERB", ROOT / ".build" / "debug" / "kerb"))

# One of each: escape codes, commands to runners, percent codes that a runner decodes, markup, marks that
# reorder text, a mention, a link, an entity, the end of a CDATA section.
PAYLOADS = [
    "\x1b[2J\x1b]0;owned\x07",
    "::set-output name=a::b",
    "##[error]owned",
    "##vso[task.setvariable variable=a]b",
    "%0A::error::owned%0D",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\u202egpj.exe",
    "]]>&lt;!--",
    "![x](http://evil.example/x.png) [x](javascript:alert(1)) @everyone #1 | a | `b`",
]
SUBJECT = " ".join(PAYLOADS)
ENVIRONMENT = {
    "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
}


def git(folder, *arguments):
    subprocess.run(["git", *arguments], cwd=folder, env=ENVIRONMENT, check=True)


def mail(subject, path, old, new):
    return (
        f"From: {subject.split()[0]} <a@example.org>\nSubject: [PATCH] {subject}\n\n{subject}\n\n"
        f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-{old}\n+{new}\n"
    )


class Workspace:
    """The workspace below a folder: one stack of four patches on a small upstream."""

    def __init__(self, folder):
        self.upstream = folder / "upstream"
        self.path = folder / "work"
        self.upstream.mkdir()
        git(self.upstream, "init", "-q", "-b", "master")
        # Control characters and backslashes are refused in paths, the rest is not.
        self.file = "::error::<img src=x>\u202e%0A##[x]"
        (self.upstream / self.file).write_text("one\n")
        (self.upstream / "plain").write_text("one\n")
        git(self.upstream, "add", ".")
        git(self.upstream, "commit", "-q", "-m", "first")
        self.kerb("init", "--project", "demo", "--git", "https://example.org/demo.git", str(self.path), cwd=folder)
        patches = self.path / "patches" / "demo"
        (patches / "good.patch").write_text(mail(SUBJECT, "plain", "one", "two"))
        (patches / "bad.patch").write_text(mail(SUBJECT, self.file, "nowhere", "two "))
        (patches / "blocked.patch").write_text(mail(SUBJECT, self.file, "two", "three"))
        # A name that no series may list, but that may lie there.
        (patches / "::warning file=x,line=1::%0A<b>\u202e.patch").write_text(mail(SUBJECT, "plain", "a", "b"))
        series = self.path / "series" / "master"
        series.write_text(
            series.read_text() + f"# demo/note {SUBJECT}\ndemo/good.patch\ndemo/bad.patch\ndemo/blocked.patch\n")
        self.kerb("fetch", "--from", str(self.upstream))

    def kerb(self, *arguments, cwd=None, environment=None):
        return subprocess.run(
            [str(KERB), *arguments], cwd=cwd or self.path, env=ENVIRONMENT | (environment or {}),
            capture_output=True)
