"""Proves the patched tree of Kolla-Ansible that it is started in.

    kolla_ansible.py         the whole stack, as `kerb exec --verify` does: every YAML file and template
                             can be read, the playbooks' syntax, what Ansible renders and deploys with a
                             matrix of settings, Kolla-Ansible's own unit tests
    kolla_ansible.py --each  the files that the newest patch touches can be read

Exit status 1 if something is wrong, 125 if the environment cannot be made."""

import subprocess
import sys
from pathlib import Path

import environment


def main():
    try:
        python = environment.python()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"no environment: {error}", file=sys.stderr)
        return 125
    # What judges Ansible's output needs its libraries.
    proof = Path(__file__).parent / "kolla_ansible_proof.py"
    return subprocess.run([python, "-B", proof, *sys.argv[1:]], env=environment.clean(),
                          check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
