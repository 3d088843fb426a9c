"""Runs Nova's own tests on the patched tree: the test modules that the stack touches, whole where they
are small, else the tests that the stack adds or changes and those that are about consoles.

Started by `kerb exec --verify` in the tree. Exit status 1 if a test fails, 125 if the environment
cannot be made."""

import re
import subprocess
import sys
from pathlib import Path

import environment

# A module with more tests than this is run in part.
SMALL = 400
ABOUT = re.compile(r"spice|console|graphics|video|usb|sound", re.IGNORECASE)

# Runs the tests whose ids it reads, and those of small modules; stands in the tree's environment.
RUNNER = """
import sys, unittest
from testtools.run import TestToolsTestRunner
import re
small, about = int(sys.argv[1]), re.compile(sys.argv[2], re.IGNORECASE)
wanted = set(sys.argv[3].split(',')) - {''}
def flat(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from flat(item)
        else:
            yield item
chosen = unittest.TestSuite()
for name in sys.argv[4:]:
    tests = list(flat(unittest.defaultTestLoader.loadTestsFromName(name)))
    for test in tests:
        method = test.id().split('(')[0].rsplit('.', 1)[-1]
        if len(tests) <= small or method in wanted or about.search(method):
            chosen.addTest(test)
print(chosen.countTestCases(), 'tests of', len(sys.argv) - 4, 'modules', flush=True)
result = TestToolsTestRunner(stdout=sys.stdout).run(chosen)
sys.exit(0 if result.wasSuccessful() and chosen.countTestCases() else 1)
"""


def git(*arguments):
    return subprocess.run(
        ["git", *arguments], capture_output=True, text=True, check=True).stdout


def touched():
    """The test modules that the stack touches, and the names of the tests in its hunks."""
    base = git("log", "--format=%H", "--grep=(released archive)$", "-1").strip()
    base = base or git("rev-list", "--max-parents=0", "HEAD").split()[0]
    files = git("diff", "--name-only", "--diff-filter=AM", base, "HEAD", "--", "nova/tests").split()
    modules = [file for file in files if Path(file).name.startswith("test_")]
    diff = git("diff", "--unified=0", base, "HEAD", "--", *(modules or ["."]))
    names = set(re.findall(r"def (test_\w+)", diff))
    return [module[:-3].replace("/", ".") for module in modules], names


def main():
    extra = ["sqlalchemy<2"] if environment.RELEASE in ("2023.1", "2023.2") else []
    try:
        python = environment.python(environment.PINS / f"nova-{environment.RELEASE}.txt", extra)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"no environment: {error}", file=sys.stderr)
        return 125
    modules, names = touched()
    if not modules:
        print("the stack touches no tests", file=sys.stderr)
        return 1
    status = 0
    # Unit and functional tests share one process badly: both patch the database layer.
    for kind in ("nova.tests.unit.", "nova.tests.functional."):
        chosen = [module for module in modules if module.startswith(kind)]
        if chosen:
            command = [
                python, "-c", RUNNER, str(SMALL), ABOUT.pattern, ",".join(sorted(names)), *chosen]
            status |= subprocess.run(command, env=environment.clean(), check=False).returncode
    return 1 if status else 0


if __name__ == "__main__":
    sys.exit(main())
