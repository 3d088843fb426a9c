"""What patches change in the work tree that a proof is started in."""

import ast
import io
import subprocess
import tarfile
from pathlib import Path


def git(*arguments):
    """What git prints, as bytes.

    Throws subprocess.CalledProcessError."""
    return subprocess.run(["git", *arguments], stdout=subprocess.PIPE, check=True).stdout


def files(before, after="HEAD"):
    """The files that are new or other in `after`, as paths."""
    return [Path(name) for name in names("AM", before, after)]


def names(kinds, before, after="HEAD"):
    """The names of files that are new (A), other (M) or gone (D) in `after`."""
    listed = git("diff", "--name-only", "--no-renames", "-z", f"--diff-filter={kinds}", before, after)
    return [name for name in listed.decode().split("\0") if name]


def lay(folder, commit, *paths):
    """Writes the files of a commit into a folder: all of them, or those that are named."""
    # Of the tree, not the commit: then the files are of today, and byte code made of others is not used.
    archive = git("archive", f"{commit}^{{tree}}", "--", *paths)
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="fully_trusted")


def is_for_tests(path):
    """Whether a file is part of the tests, or of their data."""
    return not {"test", "tests"}.isdisjoint(path.parts[:-1])


def tests(before, after="HEAD"):
    """The test modules that are new or other in `after`, each with the names (CLASS.TEST) of the tests
    whose code is."""
    return {
        module(path): _changed(path, before, after)
        for path in files(before, after)
        if is_for_tests(path) and path.match("test_*.py")}


def tests_of_code(before, after="HEAD"):
    """The unit test modules of the code that is new or other in `after`, as far as there are any: those of
    project/compute/v2/_proxy.py are project/tests/…/compute/v2/test_proxy.py."""
    listed = git("ls-tree", "-r", "--name-only", "-z", after).decode().split("\0")
    candidates = [path for path in map(Path, listed)
                  if path.match("test_*.py") and is_for_tests(path) and "functional" not in path.parts]
    code = [path for path in files(before, after) if path.suffix == ".py" and not is_for_tests(path)]
    return sorted({module(test) for path in code for test in candidates if _is_about(test, path)})


def _is_about(test, code):
    folders = code.parts[1:-1]
    return test.stem == "test_" + code.stem.strip("_") and (
        not folders or test.parts[-1 - len(folders):-1] == folders)


def module(path):
    """The name under which a file of Python is imported."""
    return str(path.with_suffix("")).replace("/", ".")


def _changed(path, before, after):
    old = {}
    if git("ls-tree", before, "--", str(path)):
        old = _tests(git("show", f"{before}:{path}"))
    new = _tests(git("show", f"{after}:{path}"))
    return sorted(name for name, code in new.items() if old.get(name) != code)


def _tests(source):
    """The tests in a module, by name, in a form in which layout and comments do not count."""
    return {
        f"{group.name}.{item.name}": ast.dump(item)
        for group in ast.walk(ast.parse(source)) if isinstance(group, ast.ClassDef)
        for item in group.body
        if isinstance(item, ast.FunctionDef) and item.name.startswith("test")}
