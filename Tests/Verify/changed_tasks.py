"""The tasks of Ansible roles that a stack adds or changes in files of upstream's, taken out of these files
so that they can be run without the others."""

from pathlib import Path

import changes
import yaml

# Roles of the stack, which are run whole.
OWN = ("kerbside", "certificates")


class Loader(yaml.SafeLoader):
    """Reads YAML as Ansible does as far as tags go: what they stand for is of no importance here."""


Loader.add_multi_constructor("!", lambda loader, suffix, node: loader.construct_scalar(node))


def read(text):
    """The tasks in a file."""
    return yaml.load(text, Loader) or []


def changed(before, tree):
    """For each file of tasks that is other than in the commit `before`, as (role, name of the file): the
    names of the tasks that are new or other, in order."""
    found = {}
    for path in changes.files(before):
        parts = path.parts
        if parts[:2] != ("ansible", "roles") or parts[3] != "tasks" or parts[2] in OWN:
            continue
        old = []
        if changes.git("ls-tree", before, "--", str(path)):
            old = read(changes.git("show", f"{before}:{path}"))
        new = read((Path(tree) / path).read_text())
        found[parts[2], parts[4]] = [_name(task) for task in new if task not in old]
    return found


def _name(task):
    return task.get("name") or str(task.get("import_tasks") or task.get("include_tasks"))


def take_out(tree, role, file, names, to):
    """Writes those of the named tasks that a tree has to a file.

    Returns: how many these are."""
    tasks = read((Path(tree) / "ansible/roles" / role / "tasks" / file).read_text())
    taken = [task for task in tasks if _name(task) in names]
    Path(to).write_text(yaml.safe_dump(taken, sort_keys=False))
    return len(taken)


def learned(tree, role, file):
    """What the tasks of a file find out at run time: an empty result for each search that is registered,
    and the name of the package for what is looked up in its image."""
    found = {}
    for task in read((Path(tree) / "ansible/roles" / role / "tasks" / file).read_text()):
        if "register" in task and {"find", "ansible.builtin.find"} & set(task):
            found[task["register"]] = {"files": []}
        for name in task.get("set_fact") or task.get("ansible.builtin.set_fact") or ():
            found[name] = "td-agent"
    return found
