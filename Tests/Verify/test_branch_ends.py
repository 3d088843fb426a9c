"""Tests of setup_cfg.py and branch_ends.py: python3 -m unittest discover Tests/Verify"""

import subprocess
import tempfile
import unittest
from pathlib import Path

import branch_ends
import setup_cfg

GIT = """[metadata]
name = demo

[entry_points]
# The commands.
demo.v2 =
    old_show = demo.old:Show

    other_show = demo.other:Show
"""
ARCHIVE = """[metadata]
name = demo

[entry_points]
demo.v2 = 
\told_show = demo.old:Show
\t
\tother_show = demo.other:Show

[egg_info]
tag_build = 

"""
PATCH = b"""diff --git a/demo.txt b/demo.txt
index 1111111111111111111111111111111111111111..2222222222222222222222222222222222222222 100644
--- a/demo.txt
+++ b/demo.txt
@@ -1 +1 @@
-\told \n+\tnew \ndiff --git a/setup.cfg b/setup.cfg
index 1111111111111111111111111111111111111111..2222222222222222222222222222222222222222 100644
--- a/setup.cfg
+++ b/setup.cfg
@@ -5,4 +5,5 @@ name = demo
 demo.v2 = 
 \told_show = demo.old:Show
 \t
+\tnew_show = demo.new:Show
 \tother_show = demo.other:Show
"""


class Folder(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def git(self, *arguments):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        return subprocess.run(["git", "-C", self.folder, *identity, *arguments], check=True,
                              stdout=subprocess.PIPE).stdout.decode().strip()


class SetupConfigurationTest(Folder):

    def patched(self, text, patch):
        """A setup.cfg with a patch of it, by git."""
        (self.folder / "setup.cfg").write_text(text)
        (self.folder / "a.patch").write_bytes(patch)
        self.git("init", "-q")
        self.git("apply", "--quiet", "--include=setup.cfg", "a.patch")
        return (self.folder / "setup.cfg").read_text()

    def test_a_patch_for_the_archive_does_not_fit_git(self):
        with self.assertRaises(subprocess.CalledProcessError):
            self.patched(GIT, PATCH)

    def test_in_git_form_it_fits_and_says_the_same(self):
        line = [("entry_points", "demo.v2", "new_show = demo.new:Show")]
        self.assertEqual(line, setup_cfg.added(ARCHIVE, self.patched(ARCHIVE, PATCH)))
        text = self.patched(GIT, setup_cfg.git_form(PATCH))
        self.assertEqual(line, setup_cfg.added(GIT, text))
        self.assertIn("\n    new_show = demo.new:Show\n", text)

    def test_other_files_stay_as_they_are(self):
        before, after = (patch.split(b"diff --git a/setup.cfg")[0]
                         for patch in (PATCH, setup_cfg.git_form(PATCH)))
        self.assertEqual(before, after)
        self.assertEqual(before, setup_cfg.git_form(before))


class EndsTest(Folder):

    def test_the_refs_of_a_release_in_the_order_of_its_life(self):
        self.git("init", "-q", "-b", "master")
        self.git("commit", "-q", "--allow-empty", "-m", "one")
        self.git("branch", "unmaintained/2024.1")
        self.git("tag", "-a", "-m", "end", "2024.1-eom")
        self.git("tag", "2023.1-eol")
        commit = self.git("rev-parse", "HEAD")
        self.assertEqual([("unmaintained/2024.1", commit), ("2024.1-eom", commit)],
                         list(branch_ends.ends(self.folder, "2024.1")))
        self.assertEqual([("master", commit)], list(branch_ends.ends(self.folder, "master")))
        self.assertEqual([], list(branch_ends.ends(self.folder, "2023.2")))

    def test_clones_are_found_under_each_of_their_names(self):
        for name in ("one", "two.git"):
            (self.folder / name).mkdir(parents=True)
        self.assertEqual(
            [self.folder / "one", self.folder / "two.git", None],
            [branch_ends.clone(self.folder, name) for name in ("one", "two", "three")])


if __name__ == "__main__":
    unittest.main()
