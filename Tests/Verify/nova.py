"""Runs Nova's own tests on the patched tree: those that a console or a microversion can break, and the
test modules that the stack touches; the large ones in part, with the tests that the stack adds or
changes and those that are about consoles.

    nova.py          the whole stack, as `kerb exec --verify` does
    nova.py --each   the unit tests that the newest patch touches, for `kerb exec --each`

Exit status 1 if a test fails, 125 if the environment cannot be made."""

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
    python = environment.python_or_end()
    modules = changes.tests("HEAD~1" if is_each else environment.upstream())
    if is_each:
        modules = {name: tests for name, tests in modules.items() if name.startswith(UNIT)}
    else:
        modules = dict.fromkeys(ALWAYS, []) | modules
    outcomes = environment.run_tests(python, modules, small=SMALL, about=ABOUT)
    return 0 if environment.report(outcomes) or not modules else 1


if __name__ == "__main__":
    sys.exit(main())
