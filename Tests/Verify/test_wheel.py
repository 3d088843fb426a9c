"""Tests of wheel.py on a wheel that is made here: python3 -m unittest discover Tests/Verify"""

import os
import tempfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

with mock.patch.dict(os.environ, KERB_WORKSPACE="/nowhere", KERB_RELEASE="1.0", KERB_PROJECT="demo"):
    import wheel

SETUP = """
[files]
packages =
    demo
data_files =
    etc/demo =
    etc/demo/demo.conf
    share/demo/docker = docker/*
[entry_points]
demo.commands =
    old = demo.old:Old
"""
ADDED = "    console_show = demo.console:Show\n"
CHANGED = ["demo/console.py", "demo/samples/console.json", "docker/demo/Dockerfile", "doc/demo.rst"]
WHEEL = {
    "demo/console.py": "demo/console.py",
    "demo/samples/console.json": "demo/samples/console.json",
    "demo-1.0.data/data/share/demo/docker/demo/Dockerfile": "docker/demo/Dockerfile",
    "demo-1.0.dist-info/entry_points.txt": "[demo.commands]\nold = demo.old:Old\n" + ADDED.strip(),
}


class ProblemsTest(unittest.TestCase):
    """The content of each changed file is its name."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)
        for name in CHANGED:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(name)

    def found(self, files):
        """What is said about a wheel, and what was looked for."""
        with zipfile.ZipFile("demo-1.0-py3-none-any.whl", "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        setup = {"HEAD:setup.cfg": SETUP + ADDED, "before:setup.cfg": SETUP}
        with mock.patch.object(wheel.changes, "git", lambda _, name: setup[name].encode()), \
                mock.patch.object(wheel.changes, "files", lambda _: list(map(Path, CHANGED))):
            found, number, added = wheel.problems(Path("demo-1.0-py3-none-any.whl"), "before")
        self.assertEqual(3, number)
        self.assertEqual([("demo.commands", "console_show", "demo.console:Show")], added)
        return found

    def test_a_wheel_with_everything(self):
        self.assertEqual([], self.found(WHEEL))

    def test_each_file_that_is_missing_or_other_is_named(self):
        for name in list(WHEEL)[:3]:
            self.assertEqual(1, len(self.found({k: v for k, v in WHEEL.items() if k != name})), name)
            self.assertEqual(1, len(self.found(WHEEL | {name: "other"})), name)

    def test_an_entry_point_that_is_missing_or_other(self):
        name = "demo-1.0.dist-info/entry_points.txt"
        for text in ("[demo.commands]\nold = demo.old:Old", WHEEL[name].replace(":Show", ":Old")):
            self.assertEqual(
                ["demo-1.0-py3-none-any.whl lacks the entry point console_show of demo.commands"],
                self.found(WHEEL | {name: text}))


if __name__ == "__main__":
    unittest.main()
