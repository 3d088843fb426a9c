"""Runs Ansible on a tree of Kolla-Ansible, in a folder of its own below .kerb/, with a host for each case.

The roles, variables, filters and actions are the tree's own. Every host is this machine, without
privileges; whatever would go to a container engine or a cloud is written down by playbooks/record.py."""

import base64
import getpass
import grp
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import environment
import spice_cases
import yaml

PLAYBOOKS = Path(__file__).parent / "playbooks"
# How a case's host is called.
HOST = "case-"
BIN = Path(sys.executable).parent
RECORDED = ("keep", "known_facts", "kolla_toolbox", "kolla_container", "kolla_docker",
            "kolla_container_facts", "firewalld")
# Modules of collections, which ansible-core does not have.
COLLECTIONS = {"community/crypto": ("openssl_privatekey", "openssl_csr", "x509_certificate"),
               "ansible/posix": ("firewalld",)}
# The services whose nova.conf is rendered: all of them for these cases, the first for the others.
SERVICES = ["nova-compute", "nova-conductor", "nova-compute-ironic", "nova-spicehtml5proxy"]
SEVERAL = {*spice_cases.BASELINE, "everything"}
FACTS = {
    "ansible_hostname": "host1", "ansible_nodename": "host1", "ansible_fqdn": "host1.example.org",
    "ansible_os_family": "Debian", "ansible_distribution": "Debian",
    "ansible_distribution_major_version": "12", "ansible_distribution_release": "bookworm",
    "ansible_distribution_version": "12", "ansible_architecture": "x86_64",
    "ansible_processor_vcpus": 4, "ansible_memtotal_mb": 16384, "ansible_service_mgr": "systemd",
    "ansible_user_uid": os.getuid(), "ansible_python": {"version": {"major": 3}},
    "ansible_eth0": {"device": "eth0", "ipv4": {"address": spice_cases.PLACE.api}, "ipv6": []},
    "ansible_eth1": {"device": "eth1", "ipv4": {"address": spice_cases.PLACE.migration}, "ipv6": []},
}


def services(case):
    """The services whose nova.conf a case has."""
    return SERVICES if case in SEVERAL else SERVICES[:1]


class Failed(Exception):
    """Ansible could not finish; the text has its last lines."""


def ansible_environment(tree, record=os.devnull):
    """What Ansible is started with: nothing of this machine's configuration, the tree's own plug-ins."""
    return {
        **environment.clean(), "PYTHONPATH": str(tree), "ANSIBLE_CONFIG": str(PLAYBOOKS / "ansible.cfg"),
        "ANSIBLE_ACTION_PLUGINS": f"{tree}/ansible/action_plugins",
        "ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_DEPRECATION_WARNINGS": "false",
        "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORKS": "4", "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_RETRY_FILES_ENABLED": "false", "ANSIBLE_NOCOWS": "1", "KERB_RECORD": str(record)}


def passwords(tree):
    """The tree's passwords.yml with a value for each, which is the name and so can be told apart."""
    listed = yaml.safe_load((tree / "etc/kolla/passwords.yml").read_text())
    return {name: value if value else f"of-{name.replace('_', '-')}" for name, value in listed.items()}


class Scratch:
    """A folder in which playbooks run on a tree."""

    def __init__(self, folder, tree):
        self.folder, self.tree = Path(folder), Path(tree).resolve()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        for name in ("group_vars", "roles", "filter_plugins", "library", "module_utils"):
            (self.folder / name).symlink_to(self.tree / "ansible" / name)
        for name in PLAYBOOKS.glob("*.yml"):
            shutil.copy(name, self.folder)
        places = {f"collections/ansible_collections/{name}/plugins/action": modules
                  for name, modules in COLLECTIONS.items()}
        for place, names in {"action_plugins": RECORDED, **places}.items():
            (self.folder / place).mkdir(parents=True)
            for name in names:
                shutil.copy(PLAYBOOKS / "record.py", self.folder / place / f"{name}.py")

    def inventory(self, cases, groups):
        """Writes the inventory: the tree's own for one host, and a host for each case, in the groups
        that are named for it."""
        hosts = {HOST + name: self._variables(name, settings) for name, settings in cases.items()}
        children = {f"kerb_{group}": {"hosts": {HOST + name: None for name in names}}
                    for group, names in groups.items()}
        cells = {f"cell-{name}": spice_cases.all_cases()[name] for name in groups.get("cells", ())}
        children |= {f"kerb-{name}": {"hosts": {name: None}} for name in cells}
        children["nova-spicehtml5proxy"] = children["kerb_cells"] = {"hosts": dict.fromkeys(cells)}
        for group in ("compute", "loadbalancer", "kerbside-api", "kerbside-proxy", "tls-backend",
                      "fluentd", "cron"):
            children[group] = {"hosts": dict.fromkeys(map(HOST.__add__, cases))}
        # The host's variables: group_vars/all of the tree would win over those of the group.
        hosts["localhost"] = self._variables("localhost", {})
        for name, settings in cells.items():
            hosts[name] = {**self._variables(name, settings), "nova_cell_name": name,
                           "nova_cell_spicehtml5proxy_group": f"kerb-{name}"}
        everything = {"all": {"hosts": hosts, "children": children}}
        (self.folder / "cases.yml").write_text(yaml.safe_dump(everything, sort_keys=False))

    def _variables(self, name, settings):
        own = self.folder / "hosts" / name
        return {**self._for_all(), "node_config": str(own), "node_config_directory": str(own / "node"),
                "kerb_nova_services": services(name), **settings}

    def _for_all(self):
        place = spice_cases.PLACE
        lstrip = "lstrip_blocks" in (self.tree / "ansible/action_plugins/merge_configs.py").read_text()
        return {
            "ansible_connection": "local", "ansible_become": False,
            "ansible_python_interpreter": sys.executable,
            "config_owner_user": getpass.getuser(),
            "config_owner_group": grp.getgrgid(os.getgid()).gr_name,
            "kolla_base_distro": "debian", "migration_interface": "eth1",
            "kolla_internal_vip_address": place.internal,
            "kolla_external_vip_address": place.external,
            # The default asks a collection that is not of ansible-core, about what is known.
            "kolla_same_external_internal_vip": False,
            "kolla_internal_fqdn": place.internal_name, "kolla_external_fqdn": place.external_name,
            "kerb_facts": FACTS, "kerb_playbooks": str(self.folder), "kerb_scratch": str(self.folder),
            "kerb_lstrip": lstrip}

    def play(self, playbook, passwords, **variables):
        """Runs a playbook.

        Returns: what was written down, in order.
        Throws: Failed."""
        record = self.folder / f"{playbook}.record"
        given = self.folder / f"{playbook}.variables"
        given.write_text(json.dumps({**passwords, **variables}))
        run = subprocess.run(
            [BIN / "ansible-playbook", "-i", self.tree / "ansible/inventory/all-in-one",
             "-i", "cases.yml", "-e", f"@{self.tree}/etc/kolla/globals.yml", "-e", f"@{given}",
             f"{playbook}.yml"],
            cwd=self.folder, text=True, check=False, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**ansible_environment(self.tree, record),
                 "ANSIBLE_COLLECTIONS_PATH": str(self.folder / "collections")})
        (self.folder / f"{playbook}.log").write_text(run.stdout)
        if run.returncode:
            raise Failed(said(run.stdout))
        return [json.loads(line) for line in record.read_text().splitlines()]


def said(output):
    """The lines in which Ansible says what failed."""
    marks = ("fatal:", "failed:", "ERROR", "[ERROR]", "msg:")
    lines = [line for line in output.splitlines() if line.startswith(marks)]
    return "\n".join(line[:1000] for line in lines[:2]) or output[-2000:]


def kept(records, folder):
    """What the action `keep` was given, by case and name; texts are decoded, and the case's own folder is
    called CASE in them."""
    found = {}
    for record in records:
        if record["module"] != "keep":
            continue
        given = dict(record["args"])
        name, case = given.pop("as"), record["host"].removeprefix(HOST)
        if "text" in given:
            text = base64.b64decode(given["text"]).decode()
            own = f"{folder}/hosts/{case}"
            found[case, name] = text.replace(own, "CASE")
        else:
            found[case, name] = given
    return found
