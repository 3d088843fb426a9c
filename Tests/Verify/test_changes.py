"""Tests of changes.py: python3 -m unittest discover Tests/Verify"""

import unittest
from pathlib import Path
from unittest import mock

import changes

TREE = (
    "demo/tests/unit/compute/v2/test_proxy.py",
    "demo/tests/unit/network/v2/test_proxy.py",
    "demo/tests/functional/compute/v2/test_proxy.py",
    "demo/tests/test_cfg.py",
)


class TestsOfCodeTest(unittest.TestCase):

    def of(self, *changed):
        """The test modules of files that a patch changes."""
        with mock.patch.object(changes, "git", return_value="\0".join(TREE).encode()), \
                mock.patch.object(changes, "files", return_value=[Path(name) for name in changed]):
            return changes.tests_of_code("before")

    def test_the_module_in_the_same_folders_is_about_the_code(self):
        self.assertEqual(
            ["demo.tests.unit.compute.v2.test_proxy"], self.of("demo/compute/v2/_proxy.py"))

    def test_code_at_the_top_is_tested_wherever_its_name_is(self):
        self.assertEqual(["demo.tests.test_cfg"], self.of("demo/cfg.py"))

    def test_tests_and_documents_have_no_tests(self):
        self.assertEqual([], self.of("demo/tests/cfg.py", "doc/cfg.rst", "demo/other.py"))


if __name__ == "__main__":
    unittest.main()
