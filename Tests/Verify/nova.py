"""Runs Nova's own tests on the patched tree: those that a console or a microversion can break, and the
test modules that the stack touches; the large ones in part, with the tests that the stack adds or
changes and those that are about consoles.

    nova.py          the whole stack, as `kerb exec --verify` does
    nova.py --each   the unit tests that the newest patch touches, for `kerb exec --each`

Exit status 1 if a test fails, 125 if the environment cannot be made."""

import subprocess
import sys

import changes
import environment

# A module with more tests than this is run in part.
SMALL = 400
ABOUT = "spice|console|graphics|video|usb|sound"
UNIT = "nova.tests.unit."
SAMPLES = "nova.tests.functional.api_sample_tests."
ALWAYS = (
    UNIT + "api.openstack.compute.test_console_auth_tokens",
    UNIT + "api.openstack.compute.test_remote_consoles",
    UNIT + "api.openstack.compute.test_versions",
    UNIT + "objects.test_objects",
    UNIT + "virt.libvirt.test_config",
    SAMPLES + "test_console_auth_tokens",
    SAMPLES + "test_remote_consoles",
    SAMPLES + "test_versions",
)


def main():
    is_each = sys.argv[1:] == ["--each"]
    try:
        python = environment.python()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"no environment: {error}", file=sys.stderr)
        return 125
    modules = changes.tests("HEAD~1" if is_each else environment.upstream())
    if is_each:
        modules = {name: tests for name, tests in modules.items() if name.startswith(UNIT)}
    else:
        modules = dict.fromkeys(ALWAYS, []) | modules
    outcomes = environment.run_tests(python, modules, small=SMALL, about=ABOUT)
    for name in sorted(name for name, tests in outcomes.items() if tests is None):
        print(f"{name} cannot be imported")
    ended = [outcome for tests in outcomes.values() for of in (tests or {}).values() for outcome in of]
    count = {outcome: ended.count(outcome) for outcome in ("passed", "failed", "skipped")}
    print(f"{len(modules)} modules: " + ", ".join(f"{n} {outcome}" for outcome, n in count.items()))
    is_good = count["passed"] and not count["failed"] and None not in outcomes.values()
    return 0 if is_good or not modules else 1


if __name__ == "__main__":
    sys.exit(main())
