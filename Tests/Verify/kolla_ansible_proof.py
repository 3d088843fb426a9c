"""The proof of a patched tree of Kolla-Ansible; `kolla_ansible.py` starts it with the interpreter of the
release's environment.

Exit status 1 if something is wrong, 125 if Nova's tree is not here to compare with."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import changes
import deployment
import environment
import nova_options
import playbook_checks
import rendered_files
import rendering
import wellformed

SCRATCH = environment.WORKSPACE / ".kerb" / "kolla-ansible" / environment.RELEASE


def readable(tree):
    """Every file of the tree."""
    count, problems = wellformed.of_tree(tree, set(changes.files(environment.upstream())))
    return f"{count} YAML files and templates can be read", problems


def syntax(tree):
    """The playbooks, with each inventory."""
    return playbook_checks.syntax(tree, environment.upstream())


def rendered(tree):
    """The files that are rendered, beside those of the unpatched tree."""
    return rendered_files.judge(tree, SCRATCH, environment.upstream())


def deployed(tree):
    """What Kerbside's role writes, asks for and refuses."""
    return deployment.judge(tree, SCRATCH / "deployed", environment.upstream())


def unit_tests(tree):
    """Kolla-Ansible's own."""
    modules = [str(path.relative_to(tree).with_suffix("")).replace("/", ".")
               for path in sorted([*(tree / "kolla_ansible/tests/unit").glob("test_*.py"),
                                   *(tree / "tests").glob("test_merge_*.py")])]
    outcomes = environment.run_tests(sys.executable, dict.fromkeys(modules, []), tree, small=10**6,
                                     output=(SCRATCH / "unit-tests.log").open("w"))
    problems = [f"{name} cannot be imported" for name, tests in outcomes.items() if tests is None]
    ended = {f"{module}.{name}": of for module, tests in outcomes.items()
             for name, of in (tests or {}).items()}
    problems += [f"{name} failed" for name, of in ended.items() if "failed" in of]
    passed = sum("passed" in of for of in ended.values())
    return f"{passed} unit tests passed", problems or ([] if passed else ["no unit test ran"])


def timed(proof, tree):
    """What a proof says, with the seconds that it took; an Ansible that breaks off is a finding."""
    begin = time.monotonic()
    try:
        text, problems = proof(tree)
    except rendering.Failed as error:
        text, problems = f"{proof.__name__}: Ansible broke off", [str(error)]
    return f"{text} ({time.monotonic() - begin:.0f} s)", problems


def each():
    """The files that the newest patch touches."""
    files = [path for path in changes.files("HEAD~1") if wellformed.kind(path)]
    problems = [text for text in map(wellformed.problem, files) if text]
    print("\n".join(problems) or f"{len(files)} YAML files and templates can be read")
    return 1 if problems else 0


def main():
    if sys.argv[1:] == ["--each"]:
        return each()
    tree = Path.cwd()
    SCRATCH.mkdir(parents=True, exist_ok=True)
    proofs = (deployed, rendered, readable, syntax, unit_tests)
    try:
        # Ansible's own processes do the work: two of these at a time keep two cores busy.
        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(lambda proof: timed(proof, tree), proofs))
    except nova_options.Unavailable as error:
        print(error, file=sys.stderr)
        return 125
    for text, problems in results:
        print("\n".join([*problems, text]))
    return 1 if any(problems for _, problems in results) else 0


if __name__ == "__main__":
    sys.exit(main())
