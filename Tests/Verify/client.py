"""Runs a client's or library's own tests on the patched tree: the unit tests of the code that the stack
touches, and those that the stack adds or changes.

Exit status 1 if a test fails, 125 if the environment cannot be made."""

import sys

import changes
import environment

# Every module that is run is run whole.
ALL = sys.maxsize


def main():
    python = environment.python_or_end()
    before = environment.upstream()
    modules = dict.fromkeys(changes.tests_of_code(before), []) | changes.tests(before)
    print("\n".join(sorted(modules)), flush=True)
    return 0 if environment.report(environment.run_tests(python, modules, small=ALL)) else 1


if __name__ == "__main__":
    sys.exit(main())
