"""Says whether the tests of the newest patch notice when the patch is missing: it runs the tests that the
patch adds or changes, first on the patched tree, where they have to pass, then with the code as it was
before the patch, where they have to fail. `kerb exec --each` runs it after every patch.

A test that runs with several data notices if it fails with one of them. What is not below a folder of
tests is code, also documents and samples that a test reads. A patch of nothing but tests is about those
before it, so its tests have to fail with upstream's code.

Both runs are in copies below .kerb/reverted/; the work tree is only read, so it stays as it is however
this ends.

Exit status 1 if a test passes without the patch, or fails with it, 125 if the environment cannot be
made."""

import shutil
import subprocess
import sys

import changes
import environment

COPY = environment.WORKSPACE / ".kerb" / "reverted" / environment.RELEASE / environment.PROJECT


def lay(commit, *paths):
    """Writes the files of a commit into the copy: all of them, or those that are named."""
    changes.lay(COPY, commit, *paths)


def clear():
    shutil.rmtree(COPY, ignore_errors=True)


def fared(outcomes, tests):
    """What came of each test, as MODULE.TEST: "passed", "failed", "skipped" or "not imported"."""
    ended = {}
    for module, names in tests.items():
        for name in names:
            if outcomes[module] is None:
                ended[f"{module}.{name}"] = "not imported"
                continue
            of = set(outcomes[module].get(name, ["failed"]))
            ended[f"{module}.{name}"] = (
                "failed" if "failed" in of else "passed" if "passed" in of else "skipped")
    return ended


def before():
    """The commit whose code the tests have to notice: the one before the patch or, if the patch has
    nothing but tests, upstream's. None if there is no other code in either."""
    for commit in ("HEAD~1", environment.upstream()):
        if not all(map(changes.is_for_tests, changes.files(commit))):
            return commit
    return None


def judge(with_patch, without):
    """What to say, and whether all is well."""
    unsound = sorted(test for test, outcome in with_patch.items() if outcome != "passed")
    blind = sorted(test for test, outcome in without.items()
                   if outcome in ("passed", "skipped") and test not in unsound)
    lines = [f"{test}: {with_patch[test]} with the patch" for test in unsound]
    lines += [f"{test}: {without[test]} without the patch as well" for test in blind]
    count = list(without.values()).count
    lines.append(f"{len(without)} tests of the patch; without it {count('failed')} fail, "
                 f"{count('not imported')} cannot be imported, {len(blind)} do not notice")
    return "\n".join(lines), not unsound and not blind


def main():
    tests = {module: names for module, names in changes.tests("HEAD~1").items() if names}
    base = before()
    if not tests or base is None:
        print("the patch adds or changes no tests" if not tests else "the stack has nothing but tests")
        return 0
    python = environment.python_or_end()
    try:
        clear()
        lay("HEAD")
        with_patch = fared(environment.run_tests(python, tests, COPY), tests)
        clear()
        lay(base)
        lay("HEAD", *(str(path) for path in changes.files(base) if changes.is_for_tests(path)))
        # All of it is tests that fail, as they should.
        without = fared(
            environment.run_tests(python, tests, COPY, output=subprocess.DEVNULL), tests)
    finally:
        clear()
    text, is_good = judge(with_patch, without)
    print(text)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
