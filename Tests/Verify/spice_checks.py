"""What rendered files have to be like. Each function takes texts and returns what is wrong, as lines; none
of it runs anything."""

import difflib
import json
import re

import spice_cases
from spice_cases import PLACE, is_on

OPTION = re.compile(r"([A-Za-z][\w.-]*)\s*=\s*(.*)")
SECURE_FILES = {
    "serverkey.pem": "server-key.pem", "servercert.pem": "server-cert.pem", "cacert.pem": "ca-cert.pem"}


def ini(text):
    """The sections of an INI file, each with its options, and what is wrong with its form: a line that is
    neither, or begins with a blank and so continues the one before, and an option that is there twice."""
    sections, problems, options = {}, [], None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith(("#", ";")):
            continue
        if line.startswith("[") and line.rstrip().endswith("]"):
            options = sections.setdefault(line.strip()[1:-1], {})
        elif not (match := OPTION.fullmatch(line.rstrip())):
            problems.append(f"line {number} is neither section nor option: {line!r}")
        elif options is None:
            problems.append(f"line {number} is in no section: {line!r}")
        elif match[1] in options:
            problems.append(f"line {number} sets {match[1]} once more")
        else:
            options[match[1]] = match[2]
    return sections, problems


def same(actual, expected, what):
    """A line for each entry that differs in two mappings."""
    return [
        f"{what} {name}: {_shown(actual, name)}, where {_shown(expected, name)} is due"
        for name in sorted({*actual, *expected})
        if actual.get(name, _NONE) != expected.get(name, _NONE)]


_NONE = object()


def _shown(mapping, name):
    return repr(mapping[name]) if name in mapping else "nothing"


def added_lines(upstream, patched):
    """The lines that the patched text has more, and those that it lacks."""
    lines = list(difflib.ndiff(upstream.splitlines(), patched.splitlines()))
    return ([line[2:] for line in lines if line.startswith("+ ")],
            [line[2:] for line in lines if line.startswith("- ")])


def defaults(name, settings, upstream, patched, compressed):
    """Whether a file of a case without settings of the stack differs from upstream's only as it is meant
    to.

    Args:
        name: the file's.
        compressed: whether the stack also adds the options of compression."""
    more, less = added_lines(upstream, patched)
    if name in spice_cases.ADDED_LINES:
        allowed = spice_cases.ADDED_LINES[name]
        if sorted(more) == sorted(allowed):
            more = []
    elif name.endswith("nova.conf") and settings.get("nova_console") == "spice":
        due = spice_cases.ADDED | (spice_cases.COMPRESSED if compressed else set())
        named = [line.partition(" = ")[0] for line in more]
        if sorted(named) == sorted(due):
            more = []
    return ([f"has more than upstream's: {line!r}" for line in more]
            + [f"lacks a line of upstream's: {line!r}" for line in less])


def qemu(text, settings):
    """Whether qemu.conf tells QEMU of TLS exactly where SPICE needs it."""
    options = dict(re.findall(r"^(spice\w*)\s*=\s*(.*?)\s*$", text, re.MULTILINE))
    due = {"spice_tls": "1", "spice_tls_x509_cert_dir": '"/etc/pki/libvirt-spice"'}
    return same(options, due if _is_secure(settings) else {}, "qemu.conf")


def libvirt(text, settings):
    """Whether config.json of nova_libvirt can be read, and copies the certificates for SPICE exactly where
    they are needed, for root and Nova alone."""
    try:
        files = json.loads(text)["config_files"]
    except (ValueError, KeyError) as error:
        return [f"config.json: {error!r}"]
    copied = {}
    for file in files:
        if "/libvirt-spice/" in file["dest"]:
            copied[file["dest"].rpartition("/")[2]] = (
                file["source"].rpartition("/")[2], file["owner"], file["perm"])
    due = {dest: (source, "root:nova", "0440") for source, dest in SECURE_FILES.items()}
    problems = same(copied, due if _is_secure(settings) else {}, "config.json")
    return problems + [f"config.json copies to {dest} twice" for dest in _twice(files)]


def _twice(files):
    places = [file["dest"] for file in files]
    return sorted({place for place in places if places.count(place) > 1})


def _is_secure(settings):
    return (settings.get("nova_console") == "spice"
            and is_on(settings.get("nova_spice_require_secure", "no")))


def kerbside_ini(service, settings):
    """What [kerbside] of kerbside.ini has to be: Kerbside's own names, passwords from passwords.yml."""
    secure = {"sql_url": "mysql+pymysql://kerbside:of-kerbside-database-password@"
                         f"{PLACE.internal_name}:3306/kerbside",
              "log_output_path": f"/var/log/kolla/kerbside/{service}.log", "log_verbose": "False"}
    if service == "kerbside-bootstrap":
        return secure
    scheme = "https" if is_on(settings.get("kolla_enable_tls_internal", "no")) else "http"
    both = {
        **secure, "node_name": "host1", "sources_path": "/etc/kerbside/sources.yaml",
        "cacert_path": "/etc/kerbside/cacert.pem", "public_fqdn": PLACE.external_name,
        "public_secure_port": PLACE.secure_port, "public_insecure_port": PLACE.plain_port,
        "proxy_host_subject": f"CN={PLACE.external_name}", "console_token_duration": "1"}
    if service == "kerbside-proxy":
        return {
            **both, "vdi_address": PLACE.api, "vdi_secure_port": PLACE.secure_port,
            "vdi_insecure_port": PLACE.plain_port,
            "proxy_host_cert_path": "/etc/kerbside/servercert.pem",
            "proxy_host_cert_key_path": "/etc/kerbside/serverkey.pem",
            "api_socket_path": "/var/lib/kerbside/run/api.sock"}
    ca = {"keystone_auth_verify": settings["openstack_cacert"]} if "openstack_cacert" in settings else {}
    return {
        **both, **ca, "auth_secret_seed": "of-kerbside-auth-secret-seed",
        "keystone_auth_url": f"{scheme}://{PLACE.internal_name}:5000/v3",
        "keystone_service_auth_user": "kerbside",
        "keystone_service_auth_password": "of-kerbside-keystone-password",
        "keystone_service_auth_user_domain_id": "default",
        "keystone_service_auth_project": "service",
        "keystone_service_auth_project_domain_id": "default",
        "keystone_access_group": "kerbside"}


def kerbside_files(text, service, present):
    """Whether the config.json of a service of Kerbside can be read, has a command, and copies, for Kerbside
    alone, exactly the files that were put in its folder.

    Args:
        present: the names in that folder."""
    try:
        config = json.loads(text)
    except ValueError as error:
        return [f"{service}: config.json: {error}"]
    copied = {file["source"].rpartition("/")[2]: file for file in config["config_files"]}
    problems = same(dict.fromkeys(copied), dict.fromkeys(set(present) - {"config.json"}),
                    f"{service}: config.json copies")
    for name, file in copied.items():
        if name == "ca-certificates":
            continue
        if file["owner"] != "kerbside" or file["perm"] not in ("0600", "0400"):
            problems.append(f"{service}: {name} is for {file['owner']} with {file['perm']}")
        if file["dest"] != f"/etc/kerbside/{name}":
            problems.append(f"{service}: {name} goes to {file['dest']}")
    command = {"kerbside-api": f"--bind {PLACE.api}:{PLACE.api_port} ",
               "kerbside-proxy": "kerbside daemon run",
               "kerbside-bootstrap": "alembic upgrade head"}[service]
    if command not in config["command"]:
        problems.append(f"{service}: the command is {config['command']!r}, without {command!r}")
    return problems


def haproxy(text):
    """The sections of HAProxy's configuration, by kind and name, each with its lines."""
    sections, lines = {}, []
    for line in text.splitlines():
        words = line.split()
        if words and not line[0].isspace():
            lines = sections.setdefault(tuple(words[:2]), [])
        elif words:
            lines.append(" ".join(words))
    return sections


def kerbside_haproxy(text, settings):
    """Whether HAProxy passes on what it has to: API as HTTP, the proxy's connections as bytes, none
    without TLS where instances require it."""
    sections = haproxy(text)
    internal = is_on(settings.get("kolla_enable_tls_internal", "no"))
    external = is_on(settings.get("kolla_enable_tls_external", "no"))
    ports = {"api": PLACE.api_port, "proxy_secure": PLACE.secure_port}
    if not _is_secure(settings):
        ports["proxy_insecure"] = PLACE.plain_port
    due = {}
    for name, port in ports.items():
        for suffix, address, tls in (("", PLACE.internal, internal), ("_external", PLACE.external, external)):
            ends_tls = tls and name == "api"
            due[f"kerbside_{name}{suffix}"] = (
                "http" if name == "api" else "tcp", f"{address}:{port}", ends_tls)
    actual = {}
    for (kind, name), lines in sections.items():
        if kind == "frontend":
            binding = next((line.split() for line in lines if line.startswith("bind ")), ["", "", ""])
            mode = next((line.split()[1] for line in lines if line.startswith("mode ")), None)
            actual[name.removesuffix("_front")] = (mode, binding[1], "ssl" in binding)
    problems = same(actual, due, "HAProxy")
    for name in due:
        lines = sections.get(("backend", f"{name}_back"), [])
        servers = [line for line in lines if line.startswith("server ")]
        port = due[name][1].rpartition(":")[2]
        if not servers or not all(f" {PLACE.api}:{port} " in line + " " for line in servers):
            problems.append(f"HAProxy: {name}_back has no servers at {PLACE.api}:{port}")
        if "_proxy_" in name:
            missing = {"balance source", "timeout tunnel 24h"} - set(lines)
            problems += [f"HAProxy: {name}_back has no {line!r}" for line in sorted(missing)]
            if any(" ssl" in line for line in servers):
                problems.append(f"HAProxy: {name}_back speaks TLS itself")
    return problems


def sources(document, settings):
    """Whether the document in sources.yaml names this cloud, once."""
    scheme = "https" if is_on(settings.get("kolla_enable_tls_internal", "no")) else "http"
    due = {
        "source": "RegionOne", "type": "openstack",
        "url": f"{scheme}://{PLACE.internal_name}:5000/v3", "username": "kerbside",
        "password": "of-kerbside-keystone-password", "project_name": "service",
        "user_domain_id": "default", "project_domain_id": "default"}
    if "openstack_cacert" in settings:
        due["verify"] = settings["openstack_cacert"]
    if not isinstance(document, list) or len(document) != 1 or not isinstance(document[0], dict):
        return [f"sources.yaml is not a list of one source: {document!r}"]
    return same(document[0], due, "sources.yaml")
