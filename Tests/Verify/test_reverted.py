"""Tests of reverted.py on a small project: python3 -m unittest discover Tests/Verify"""

import os
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

HERE = Path(__file__).parent
BEFORE = {
    "demo/__init__.py": "",
    "demo/sums.py": "def double(n):\n    return n + n\n",
    "demo/tests/__init__.py": "",
    "demo/tests/test_sums.py": """
        import unittest
        from demo import sums
        class SumsTest(unittest.TestCase):
            def test_old(self):
                self.assertEqual(4, sums.double(2))
        """,
}
CODE = {"demo/sums.py": "def double(n):\n    return 2 * n\ndef half(n):\n    return n / 2\n"}


def tests(*bodies):
    """The test module of the project with more tests, each given by its name and one statement."""
    text = textwrap.dedent(BEFORE["demo/tests/test_sums.py"])
    return {"demo/tests/test_sums.py": text + "".join(
        f"    def test_{name}(self):\n        {statement}\n" for name, statement in bodies)}


HALF = ("half", "self.assertEqual(2, sums.half(4))")
DOUBLE = ("double", "self.assertEqual(6, sums.double(3))")


class RevertedTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        # One workspace for all tests, as it has the environment: of a project that needs nothing.
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.workspace = Path(folder.name)
        (cls.workspace / "demo-1.0.txt").write_text("")
        (cls.workspace / "series").mkdir()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = Path(folder.name)
        self.git("init", "-q", self.tree)
        self.commit(BEFORE)
        upstream = self.git("-C", self.tree, "rev-parse", "HEAD").decode().strip()
        lock = self.workspace / "series" / "upstream.lock"
        lock.write_text(f"1.0 demo sdist:1.0 {upstream} {upstream}\n")

    def git(self, *arguments):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        return subprocess.run(["git", *identity, *arguments], check=True, capture_output=True).stdout

    def commit(self, files):
        for name, text in files.items():
            path = self.tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))
        self.git("-C", self.tree, "add", "-A")
        self.git("-C", self.tree, "commit", "-qm", "change")

    def judge(self, files):
        """The exit status of reverted.py on a patch, and its last lines."""
        self.commit(files)
        program = ("import sys, pathlib; sys.path.insert(0, sys.argv[1]);"
                   "import environment; environment.PINS = environment.WORKSPACE;"
                   "import reverted; sys.exit(reverted.main())")
        run = subprocess.run(
            [sys.executable, "-B", "-c", program, HERE], cwd=self.tree, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, "KERB_WORKSPACE": str(self.workspace), "KERB_PROJECT": "demo",
                 "KERB_RELEASE": "1.0"})
        self.assertEqual(b"", self.git("-C", self.tree, "status", "--porcelain", "--ignored"))
        self.assertFalse((self.workspace / ".kerb" / "reverted" / "1.0" / "demo").exists())
        return run.returncode, [
            line for line in run.stdout.splitlines() if "the patch" in line or "the stack" in line]

    def test_tests_that_notice(self):
        self.assertEqual(
            (0, ["1 tests of the patch; without it 1 fail, 0 cannot be imported, 0 do not notice"]),
            self.judge(CODE | tests(HALF)))

    def test_a_test_that_passes_without_the_patch(self):
        self.assertEqual(
            (1, ["demo.tests.test_sums.SumsTest.test_double: passed without the patch as well",
                 "2 tests of the patch; without it 1 fail, 0 cannot be imported, 1 do not notice"]),
            self.judge(CODE | tests(HALF, DOUBLE)))

    def test_a_test_that_fails_with_the_patch(self):
        self.assertEqual(
            (1, ["demo.tests.test_sums.SumsTest.test_wrong: failed with the patch",
                 "1 tests of the patch; without it 1 fail, 0 cannot be imported, 0 do not notice"]),
            self.judge(CODE | tests(("wrong", "self.assertEqual(3, sums.half(4))"))))

    def test_a_test_that_cannot_be_imported_without_the_patch(self):
        text = """
            import unittest
            from demo.sums import half
            class HalfTest(unittest.TestCase):
                def test_half(self):
                    self.assertEqual(2, half(4))
            """
        self.assertEqual(
            (0, ["1 tests of the patch; without it 0 fail, 1 cannot be imported, 0 do not notice"]),
            self.judge(CODE | {"demo/tests/test_half.py": text}))

    def test_samples_are_code_and_test_data_is_not(self):
        read = "with open('{}') as file: self.assertEqual('1', file.read())"
        self.assertEqual(
            (1, ["demo.tests.test_sums.SumsTest.test_data: passed without the patch as well",
                 "2 tests of the patch; without it 1 fail, 0 cannot be imported, 1 do not notice"]),
            self.judge({"doc/sample": "1", "demo/tests/data": "1"} | tests(
                ("sample", read.format("doc/sample")), ("data", read.format("demo/tests/data")))))

    def test_nothing_to_revert(self):
        self.assertEqual((0, ["the patch adds or changes no tests"]), self.judge(CODE))

    def test_nothing_but_tests(self):
        self.commit(CODE)
        self.assertEqual(
            (1, ["demo.tests.test_sums.SumsTest.test_double: passed without the patch as well",
                 "2 tests of the patch; without it 1 fail, 0 cannot be imported, 1 do not notice"]),
            self.judge(tests(HALF, DOUBLE)))

    def test_nothing_but_tests_in_the_stack(self):
        self.assertEqual((0, ["the stack has nothing but tests"]), self.judge(tests(DOUBLE)))


if __name__ == "__main__":
    unittest.main()
