"""Ansible's own check of the playbooks, and what the inventories and passwords.yml have to have."""

import json
import subprocess
from pathlib import Path

import changes
import rendering
import yaml

INVENTORIES = ("all-in-one", "multinode")
# The groups that the stack needs; each has to reach a host.
GROUPS = ("kerbside", "kerbside-api", "kerbside-proxy")
PASSWORDS = ("kerbside_auth_secret_seed", "kerbside_database_password", "kerbside_keystone_password")


def syntax(tree, before):
    """What to say of the tree, and what is wrong."""
    problems = []
    for inventory in INVENTORIES:
        problems += _syntax(tree, inventory) + groups(inventory, _listed(tree, inventory))
    template = (tree / "tests/templates/inventory.j2").read_text()
    problems += [f"tests/templates/inventory.j2 has no group {name}" for name in GROUPS
                 if f"[{name}:children]" not in template and f"[{name}]" not in template]
    listed = yaml.safe_load((tree / "etc/kolla/passwords.yml").read_text())
    old = yaml.safe_load(changes.git("show", f"{before}:etc/kolla/passwords.yml"))
    return f"the syntax of site.yml with {len(INVENTORIES)} inventories", (
        problems + passwords(listed, old))


def _syntax(tree, inventory):
    run = subprocess.run(
        [rendering.BIN / "ansible-playbook", "--syntax-check", "-i", f"ansible/inventory/{inventory}",
         "-e", "@etc/kolla/globals.yml", "-e", "@etc/kolla/passwords.yml", "-e", "kolla_action=deploy",
         "ansible/site.yml"],
        cwd=tree, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=rendering.ansible_environment(tree))
    return [f"site.yml with {inventory}: {rendering.said(run.stdout)}"] if run.returncode else []


def _listed(tree, inventory):
    run = subprocess.run(
        [rendering.BIN / "ansible-inventory", "-i", Path("ansible/inventory") / inventory, "--list"],
        cwd=tree, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=rendering.ansible_environment(tree))
    return json.loads(run.stdout) if run.returncode == 0 else {}


def groups(inventory, listed):
    """The groups of the stack that an inventory lacks, or that reach no host.

    Args:
        listed: what `ansible-inventory --list` says."""
    return [f"inventory {inventory}: the group {name} has no hosts" for name in GROUPS
            if not _hosts(name, listed)]


def _hosts(name, listed):
    group = listed.get(name, {})
    return set(group.get("hosts", ())).union(
        *(_hosts(child, listed) for child in group.get("children", ())))


def passwords(listed, old):
    """Whether passwords.yml has exactly the stack's passwords more, each still to be made."""
    new = {name: value for name, value in listed.items() if name not in old}
    problems = [f"passwords.yml lacks {name}" for name in PASSWORDS if name not in new]
    problems += [f"passwords.yml has {name}, which the stack does not use" for name in new
                 if name not in PASSWORDS]
    problems += [f"passwords.yml has a value for {name}" for name, value in new.items() if value]
    return problems + [f"passwords.yml lacks {name}" for name in old if name not in listed]
