"""Deploys Kerbside from a tree of Kolla-Ansible, up to the container engine, and judges what came of it."""

import contextlib
import json
import socket
import subprocess
from pathlib import Path

import balancer
import changed_tasks
import rendering
import spice_cases
import spice_checks
import yaml
from spice_cases import PLACE, PRECHECK

SERVICES = ("kerbside-api", "kerbside-proxy")
# In the first case every action is run that needs no container and is not just another one, and the
# role's variables are filled in; in the others only the files are written.
ALL_ACTIONS = ["deploy", "upgrade", "pull", "stop"]
ACTIONS = ["config"]
FIRST = spice_cases.DEPLOYED[0]
CERTIFIED = "certificates"
# What modules of a collection would make.
MADE = ("root/root.crt", "kerbside/kerbside.crt", "kerbside/kerbside.key")
# What is registered in Keystone, by module; older releases have other names for these.
KEYSTONE = {
    "user": ("identity_user", "os_user"), "role": ("role_assignment", "os_user_role"),
    "group": ("identity_group",)}


@contextlib.contextmanager
def listening():
    """Ports on which something listens, by the address's name in spice_cases.Place."""
    with contextlib.ExitStack() as sockets:
        ports = {}
        for name in ("api", "internal"):
            opened = sockets.enter_context(socket.create_server((getattr(PLACE, name), 0)))
            ports[name] = str(opened.getsockname()[1])
        yield ports


def judge(tree, folder, before):
    """What to say of the tree, and what is wrong.

    Throws: rendering.Failed."""
    scratch = rendering.Scratch(folder, tree)
    taken = {role: names for (role, file), names in changed_tasks.changed(before, tree).items()
             if file == "precheck.yml"}
    records = run(scratch, rendering.passwords(tree), taken)
    kept = rendering.kept(records, folder)
    problems = prechecks(kept) + certificates(scratch, records)
    for case in spice_cases.DEPLOYED:
        problems += [f"{case}: {line}" for line in files(scratch, case, spice_cases.PATCHED[case])]
    problems += calls([record for record in records if record["host"] == rendering.HOST + FIRST])
    values = kept.get((FIRST, "defaults"), {}).get("values", [])
    if len(values) != len(defined(tree)):
        problems.append(f"{len(values)} of {len(defined(tree))} variables of the role were filled in")
    return (f"Kerbside deployed in {len(spice_cases.DEPLOYED)} cases, {len(values)} variables, "
            f"{len(spice_cases.PRECHECKS)} prechecks"), problems


def run(scratch, passwords, taken):
    """Deploys each of the cases.

    Args:
        taken: the names of the tasks of prechecks that the stack adds, by role.
    Returns: what was written down.
    Throws: rendering.Failed."""
    for role, names in taken.items():
        changed_tasks.take_out(
            scratch.tree, role, "precheck.yml", names, scratch.folder / f"{role}-precheck.yml")
    with listening() as ports:
        cases = {name: {**spice_cases.all_cases()[name], "kerb_actions": ACTIONS}
                 for name in spice_cases.DEPLOYED}
        cases[FIRST]["kerb_actions"] = [*ALL_ACTIONS, f"{scratch.folder}/render-kerbside"]
        for name, (settings, files, _) in spice_cases.PRECHECKS.items():
            cases[PRECHECK + name] = {
                key: ports.get(value, value) for key, value in settings.items()}
            lay(scratch, PRECHECK + name, files)
        for name in spice_cases.DEPLOYED:
            lay(scratch, name, spice_cases.CERTIFICATES)
        cases[CERTIFIED] = spice_cases.KERBSIDE
        scratch.inventory(cases, {
            "precheck": [name for name in cases if name.startswith(PRECHECK)],
            "certificates": [CERTIFIED], "deploy": spice_cases.DEPLOYED})
        (scratch.folder / "hosts" / CERTIFIED / "certificates/private").mkdir(parents=True)
        if is_by_collection(scratch.tree):
            for name in MADE:
                path = scratch.folder / "hosts" / CERTIFIED / "certificates/private" / name
                path.parent.mkdir(exist_ok=True)
                path.write_text(name)
        # The command line tool gives the second one.
        return scratch.play("deploy", passwords, kerb_kerbside_defaults=defined(scratch.tree),
                            kolla_action_stop_ignore_missing=False)


def has_database_tls(tree):
    """Whether the release can connect to its database with TLS; it does by default if TLS is on inside."""
    return any("database_enable_tls_internal:" in path.read_text()
               for path in (Path(tree) / "ansible/group_vars").rglob("*.yml"))


def is_by_collection(tree):
    """Whether the certificates are made by modules of a collection, which is not part of ansible-core.
    Then these are not run, only what they are asked for is judged."""
    tasks = Path(tree) / "ansible/roles/certificates/tasks/generate-kerbside.yml"
    return "community.crypto." in tasks.read_text()


def defined(tree):
    """The names of the variables that the role defines."""
    return list(yaml.safe_load((Path(tree) / "ansible/roles/kerbside/defaults/main.yml").read_text()))


def lay(scratch, case, files):
    """Puts files where an operator does."""
    folder = scratch.folder / "hosts" / case
    (folder / "config/kerbside").mkdir(parents=True)
    for name in files:
        (folder / "config/kerbside" / name).write_text(name)
    (folder / "certificates/ca").mkdir(parents=True)
    (folder / "certificates/ca/root.crt").write_text("root")
    for name in ("backend-cert.pem", "backend-key.pem"):
        (folder / "certificates" / name).write_text(name)


def prechecks(kept):
    """Whether each case's prechecks said what they have to."""
    problems = []
    for name, (_, _, due) in spice_cases.PRECHECKS.items():
        words = message(kept.get((PRECHECK + name, "precheck"), {}).get("result", "nothing ran"))
        if (due is None and words) or (due is not None and due not in words):
            problems.append(f"prechecks of {name}: {words or 'passed'!r}, where "
                            f"{'they pass' if due is None else repr(due)} is due")
    return problems


def message(result):
    """What a task that failed says; of a loop, what its items say that failed."""
    if not isinstance(result, dict):
        return str(result)
    items = [item for item in result.get("results", []) if item.get("failed")] or [result]
    return " ".join(" ".join(str(item.get("msg", "")) for item in items).split())


def files(scratch, case, settings):
    """Whether the files that were written for a case are what they have to be."""
    problems = []
    node = scratch.folder / "hosts" / case / "node"
    once = ("kerbside-bootstrap",) if case == FIRST else ()
    for service in (*SERVICES, *once):
        folder = node / service
        present = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        if "config.json" not in present or "kerbside.ini" not in present:
            problems.append(f"{service}: no configuration was written, only {sorted(present)}")
            continue
        # Kolla copies CA certificates on its own in the releases whose config.json has none of it.
        listed = (folder / "config.json").read_text()
        if "ca-certificates" not in listed:
            present = [name for name in present if name != "ca-certificates"]
        problems += spice_checks.kerbside_files(listed, service, present)
        sections, broken = spice_checks.ini((folder / "kerbside.ini").read_text())
        problems += [f"{service}: kerbside.ini: {text}" for text in broken]
        due = spice_checks.kerbside_ini(service, settings, has_database_tls(scratch.tree))
        problems += spice_checks.same(
            sections.get("kerbside", {}), due, f"{service}: kerbside.ini")
        if service in SERVICES:
            document = yaml.safe_load((folder / "sources.yaml").read_text())
            problems += spice_checks.sources(document, settings)
    balanced = "".join(path.read_text() for path in (node / "haproxy/services.d").iterdir())
    return problems + spice_checks.kerbside_haproxy(balanced, settings) + balancer.refused(balanced)


def calls(records):
    """Whether what was asked for a case, of the database, Keystone and the container engine, is what has
    to be."""
    asked = [record["args"] for record in records if record["module"] == "kolla_toolbox"]
    database = {args["module_name"]: args["module_args"] for args in asked
                if args["module_name"].startswith("mysql")}
    problems = spice_checks.same(
        _some(database.get("mysql_db", {}), "name", "login_password"),
        {"name": "kerbside", "login_password": "of-database-password"}, "database")
    problems += spice_checks.same(
        _some(database.get("mysql_user", {}), "name", "password", "priv"),
        {"name": "kerbside", "password": "of-kerbside-database-password", "priv": "kerbside.*:ALL"},
        "database user")
    problems += keystone(asked)
    containers = [record["args"] for record in records
                  if record["module"] in ("kolla_container", "kolla_docker")]
    return problems + engine(containers)


def keystone(asked):
    """Whether there is one user with a role in one project, who has a password of its own, and the
    group."""
    found = {}
    for what, modules in KEYSTONE.items():
        found[what] = [args["module_args"] for args in asked
                       if args["module_name"].rpartition(".")[2] in modules]
    due = {"user": {"name": "kerbside", "password": "of-kerbside-keystone-password"},
           "role": {"user": "kerbside", "role": "admin", "project": "service"},
           "group": {"name": "kerbside"}}
    problems = []
    for what, names in due.items():
        entries = [_some(args, *names) for args in found[what]]
        problems += [f"Keystone {what}: {entry}, where {names} is due"
                     for entry in entries or ["nothing"] if entry != names]
    return problems


def engine(containers):
    """Whether both services' containers are compared and made again, the database is brought up to date by
    a container that ends, and nothing secret is in any container's own settings."""
    made = {}
    for args in containers:
        action = "pull" if args["action"] in ("pull_image", "ensure_image") else args["action"]
        made.setdefault(action, set()).add(args.get("name") or args.get("image", "").rpartition("/")[2])
    names = {"kerbside_api", "kerbside_proxy"}
    due = {"compare_container": names, "recreate_or_restart_container": names, "stop_container": names,
           "start_container": {"bootstrap_kerbside"}}
    problems = spice_checks.same({key: made.get(key) for key in due}, due, "containers")
    if len(made.get("pull", ())) != len(names):
        problems.append(f"images: {made.get('pull')} are pulled")
    for args in containers:
        if "of-" in json.dumps({key: args.get(key) for key in ("environment", "command", "labels")}):
            problems.append(f"container {args['name']}: a password is among its settings")
        if args["action"] == "start_container" and (args["restart_policy"], args["detach"]) != (
                "oneshot", False):
            problems.append("the container that updates the database does not end")
        has_logs = "kolla_logs:/var/log/kolla/" in (args.get("volumes") or [])
        if args["action"] in due and args["action"] != "stop_container" and not has_logs:
            problems.append(f"container {args['name']}: no volume for logs")
    return problems


def certificates(scratch, records):
    """Whether Kerbside's certificate is signed by the CA that is handed out, fits its key, and has the
    public name as its whole subject."""
    if is_by_collection(scratch.tree):
        return asked_certificate([record for record in records if record["host"].endswith(CERTIFIED)])
    folder = scratch.folder / "hosts" / CERTIFIED / "config/kerbside"
    commands = {
        "verify": ["verify", "-CAfile", "cacert.pem", "servercert.pem"],
        "certificate": ["x509", "-in", "servercert.pem", "-noout", "-pubkey"],
        "key": ["pkey", "-in", "serverkey.pem", "-pubout"],
        "names": ["x509", "-in", "servercert.pem", "-noout", "-subject", "-ext", "subjectAltName"]}
    said = {}
    for name, arguments in commands.items():
        ran = subprocess.run(["openssl", *arguments], cwd=folder, text=True, check=False,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if ran.returncode:
            return [f"certificate: openssl {arguments[0]}: {ran.stdout.strip()}"]
        said[name] = "".join(ran.stdout.split())
    problems = [] if said["certificate"] == said["key"] else ["certificate: not that of the key"]
    name = PLACE.external_name
    if not (said["names"].startswith(f"subject=CN={name}X509v3") and f"DNS:{name}" in said["names"]):
        problems.append(f"certificate: is for {said['names']}")
    return problems


def asked_certificate(records):
    """The same, of what the modules are asked for."""
    asked = {record["module"]: record["args"] for record in records
             if "/kerbside." in str(record["args"].get("path"))}
    request, made = asked.get("openssl_csr", {}), asked.get("x509_certificate", {})
    name = PLACE.external_name
    due = {"common_name": name, "subject_alt_name": [f"DNS:{name}"]}
    problems = spice_checks.same(
        {key: value for key, value in request.items() if key.endswith("_name")}, due, "certificate")
    ends = {"key": request.get("privatekey_path", "").rpartition("/private/")[2],
            "ca": made.get("ownca_path", "").rpartition("/private/")[2],
            "request": made.get("csr_path") == request.get("path")}
    return problems + spice_checks.same(
        ends, {"key": "kerbside/kerbside.key", "ca": "root/root.crt", "request": True}, "certificate")


def _some(mapping, *names):
    return {name: mapping[name] for name in names if name in mapping}
