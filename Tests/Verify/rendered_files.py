"""Renders the files that the stack touches, with each case's settings, and judges them; what is of no case
of the stack's own has to be as the unpatched tree renders it."""

import io
import tarfile
from pathlib import Path

import changed_tasks
import changes
import nova_options
import rendering
import spice_cases
import spice_checks

# Where a template that the stack touches is rendered. One that is not here has no proof.
RENDERED = {
    "nova-cell": {"nova.conf.j2", "qemu.conf.j2", "nova-libvirt.json.j2"},
    "common": {"admin-openrc.sh.j2", "01-rewrite.conf.j2", "09-kerbside.conf.j2",
               "cron-logrotate-kerbside.conf.j2"},
    "fluentd": {"01-rewrite.conf.j2", "09-kerbside.conf.j2"},
    "cron": {"cron-logrotate-kerbside.conf.j2"},
    "kerbside": {"kerbside-api.json.j2", "kerbside-bootstrap.json.j2", "kerbside-proxy.json.j2",
                 "kerbside.ini.j2", "sources.yaml.j2"},
    "certificates": {"openssl-kolla-kerbside.cnf.j2"},
}
# Cases for the files that every host has.
COMMON = ("default", "kerbside", "everything")
# What every host has for Kerbside.
LOGS = ("/var/log/kolla/kerbside/kerbside-api.log", "/var/log/kolla/kerbside/kerbside-proxy.log")


def judge(tree, folder, before):
    """What to say of the tree, and what is wrong.

    Throws: rendering.Failed, nova_options.Unavailable."""
    options = nova_options.source()
    cases = spice_cases.all_cases()
    passwords = rendering.passwords(tree)
    changed = changed_tasks.changed(before, tree)
    patched = render(rendering.Scratch(folder / "patched", tree), cases, passwords, changed)
    upstream = render(rendering.Scratch(folder / "unpatched", laid(folder, before)),
                      spice_cases.BASELINE, passwords, changed)
    problems = unproven(changes.files(before), changed)
    compressed = "image_compression" not in upstream["spice", "nova-compute/nova.conf"]
    for (case, name), text in upstream.items():
        if case in cases and isinstance(text, str):
            found = spice_checks.defaults(name, cases[case], text, patched[case, name], compressed)
            problems += [f"{case}: {name} {line}" for line in found]
    for case, settings in cases.items():
        problems += [f"{case}: {line}" for line in of_case(case, settings, patched, options)]
    problems += balanced(patched, upstream)
    problems += everywhere(patched, cases)
    texts = sum(isinstance(text, str) for text in patched.values())
    same = sum(isinstance(text, str) for text in upstream.values())
    return f"{texts} files of {len(cases)} cases, {same} of them beside the unpatched tree's", problems


def laid(folder, commit):
    """The tree of a commit, in a folder."""
    place = folder / f"tree-{commit}"
    if not place.exists():
        archive = changes.git("archive", f"{commit}^{{tree}}", "--", "ansible", "etc", "kolla_ansible")
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(place.with_suffix(".new"), filter="fully_trusted")
        place.with_suffix(".new").rename(place)
    return place


def render(scratch, cases, passwords, changed):
    """The files by case and name, and for some cases what else was kept.

    Throws: rendering.Failed."""
    common = [name for name in COMMON if name in cases]
    scratch.inventory(cases, {
        "render": list(cases), "common": common,
        "cells": spice_cases.CELLS})
    tasks, learned = [], {}
    for (role, file), names in changed.items():
        if file == "config.yml":
            to = scratch.folder / f"{role}-config"
            changed_tasks.take_out(scratch.tree, role, file, names, f"{to}.yml")
            tasks.append({"role": role, "file": str(to)})
            learned |= changed_tasks.learned(scratch.tree, role, file)
    openrc = scratch.tree / "ansible/roles/common/templates/admin-openrc.sh.j2"
    records = scratch.play("render", passwords, kerb_changed=tasks, **learned,
                           kerb_openrc=str(openrc) if openrc.exists() else "")
    kept = rendering.kept(records, scratch.folder)
    for case in [*common, "localhost"]:
        for path in sorted((scratch.folder / "hosts" / case / "node").rglob("*")):
            if path.is_file():
                kept[case, path.name] = path.read_text().replace(
                    f"{scratch.folder}/hosts/{case}", "CASE")
    return kept


def unproven(files, changed):
    """The templates and files of tasks that the stack changes and no proof here renders or runs."""
    problems = []
    for path in files:
        parts = path.parts
        if path.suffix == ".j2" and parts[:2] == ("ansible", "roles"):
            if path.name not in RENDERED.get(parts[2], ()):
                problems.append(f"{path}: no proof renders it")
    for role, file in changed:
        if file not in ("config.yml", "precheck.yml") and (role, file) != (
                "nova-cell", "loadbalancer.yml"):
            problems.append(f"{role}/tasks/{file}: no proof runs it")
    return problems


def of_case(case, settings, files, options):
    """What is wrong with the files of a case."""
    problems = []
    for service in rendering.services(case):
        text = files[case, f"{service}/nova.conf"]
        problems += nova_conf(text, settings, options)
    problems += spice_checks.qemu(files[case, "nova-libvirt/qemu.conf.j2"], settings)
    problems += spice_checks.libvirt(files[case, "nova-libvirt/nova-libvirt.json.j2"], settings)
    if case.endswith(spice_cases.EQUAL):
        twin = case.removesuffix(spice_cases.EQUAL)
        problems += [
            f"{name} differs from that of {twin}, which says yes and no"
            for (other, name), text in files.items()
            if other == case and isinstance(text, str) and files[twin, name] != text]
    return problems


def nova_conf(text, settings, options):
    """Whether [spice] of a nova.conf is what the settings mean, to Nova itself, with Nova's options."""
    sections, problems = spice_checks.ini(text)
    problems = [f"nova.conf: {line}" for line in problems]
    due = spice_cases.spice_section(settings)
    if due is None or "spice" not in sections:
        return problems + spice_checks.same(
            {"[spice]": "spice" in sections}, {"[spice]": due is not None}, "nova.conf")
    values, refused = nova_options.read(text, set(sections["spice"]), options)
    return problems + refused + spice_checks.same(values, due, "nova.conf [spice]")


def balanced(patched, upstream):
    """Whether HAProxy and a container are there for each cell's HTML5 proxy exactly where it is on."""
    problems = []
    for case in spice_cases.CELLS:
        settings = spice_cases.all_cases()[case]
        due = settings.get("nova_console") == "spice" and spice_cases.is_on(
            settings.get("nova_spice_html5", "yes"))
        name = f"nova-spicehtml5proxy_cell-{case}.cfg"
        problems += spice_checks.same(
            {"container": patched[f"cell-{case}", "nova-spicehtml5proxy"]["enabled"],
             "HAProxy": ("localhost", name) in patched},
            {"container": due, "HAProxy": due}, f"{case}: HTML5 proxy's")
        if case in spice_cases.BASELINE and upstream.get(("localhost", name)) != patched.get(
                ("localhost", name)):
            problems.append(f"{case}: {name} differs from upstream's")
    return problems


def everywhere(files, cases):
    """Whether logs of Kerbside are collected and rotated, and its address is in the administrator's
    environment, exactly where it is on."""
    problems = []
    for case in COMMON:
        settings = cases[case]
        is_on = spice_cases.is_on(settings.get("enable_kerbside", "no"))
        collected = next(files[case, name] for name in ("td-agent.conf", "fluentd.conf")
                         if (case, name) in files)
        actual = {"collected": all(log in collected for log in LOGS),
                  "rotated": '"/var/log/kolla/kerbside/*.log"' in files[case, "logrotate.conf"]}
        due = {"collected": is_on, "rotated": is_on}
        if (case, "admin-openrc.sh") in files:
            tls = spice_cases.is_on(settings.get("kolla_enable_tls_external", "no"))
            place = spice_cases.PLACE
            address = f"{'https' if tls else 'http'}://{place.external_name}:{place.api_port}"
            line = f"export KERBSIDE_API_URL='{address}'"
            actual["address"] = line in files[case, "admin-openrc.sh"].splitlines()
            due["address"] = is_on
        problems += spice_checks.same(actual, due, f"{case}: Kerbside's logs and address")
    return problems
