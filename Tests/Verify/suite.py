"""Runs tests of the Python project in the working directory. `environment.run_tests` starts it with the
interpreter of the project's environment, so it needs nothing of the other files here.

Standard input is a JSON object with what `environment.run_tests` takes; the outcomes go as JSON to the
file that is its argument."""

import importlib
import inspect
import json
import os
import re
import sys
import traceback
import unittest


class Outcomes(unittest.TextTestResult):
    """Prints as unittest does, and keeps what came of each test."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.of = {}

    def _keep(self, test, outcome):
        self.of.setdefault(place(test), []).append(outcome)

    def addSuccess(self, test):
        super().addSuccess(test)
        self._keep(test, "passed")

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self._keep(test, "passed")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._keep(test, "skipped")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._keep(test, "failed")

    def addError(self, test, err):
        super().addError(test, err)
        self._keep(test, "failed")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._keep(test, "failed")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            self._keep(test, "failed")


def place(test):
    """A test's module and its name, CLASS.TEST as it is in the source: one name for all the data and all
    the subclasses that it runs with."""
    method = getattr(type(test), getattr(test, "_testMethodName", ""), None)
    name = inspect.unwrap(method).__qualname__ if method else test.id()
    return type(test).__module__, name


def flat(suite):
    """The tests in a suite of suites."""
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from flat(item)
        else:
            yield item


def choose(job, about):
    """The tests to run, and the modules that cannot be imported."""
    chosen, broken = unittest.TestSuite(), []
    for module, wanted in job["modules"].items():
        try:
            importlib.import_module(module)
        except (Exception, SystemExit):
            traceback.print_exc()
            broken.append(module)
            continue
        tests = list(flat(unittest.defaultTestLoader.loadTestsFromName(module)))
        for test in tests:
            name = place(test)[1]
            method = name.rpartition(".")[2]
            if len(tests) <= job["small"] or name in wanted or about.search(method):
                chosen.addTest(test)
    return chosen, broken


def main():
    sys.path[0] = os.getcwd()
    job = json.load(sys.stdin)
    chosen, broken = choose(job, re.compile(job["about"] or "(?!)", re.IGNORECASE))
    print(f"{chosen.countTestCases()} tests of {len(job['modules'])} modules", flush=True)
    # One that never comes to an end has failed, as where a class cannot be set up.
    outcomes = {module: {} for module in job["modules"]}
    for test in flat(chosen):
        module, name = place(test)
        outcomes.setdefault(module, {})[name] = ["failed"]
    runner = unittest.TextTestRunner(sys.stdout, resultclass=Outcomes, warnings="ignore")
    result = runner.run(chosen)
    for (module, name), of in result.of.items():
        outcomes.setdefault(module, {})[name] = of
    outcomes.update(dict.fromkeys(broken))
    with open(sys.argv[1], "w", encoding="utf-8") as report:
        json.dump(outcomes, report)


if __name__ == "__main__":
    main()
