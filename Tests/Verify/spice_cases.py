"""The settings that Kolla-Ansible is rendered with, and what the stack's variables have to come out as.
The names are the stack's contract with operators and with Nova."""

from dataclasses import dataclass

SPICE = {"nova_console": "spice"}
SECURE = {"nova_spice_require_secure": "yes", "nova_spice_html5": "no", "libvirt_tls": "yes"}
TLS = {"kolla_enable_tls_internal": "yes", "kolla_enable_tls_external": "yes",
       "kolla_enable_tls_backend": "yes", "kolla_copy_ca_into_containers": "yes", "libvirt_tls": "yes"}
COMPRESSION = {
    "nova_spice_image_compression": "quic", "nova_spice_jpeg_compression": "never",
    "nova_spice_zlib_compression": "always", "nova_spice_playback_compression": "no",
    "nova_spice_streaming_mode": "all"}
KERBSIDE = {**SPICE, "enable_kerbside": "yes"}
EVERYTHING = {
    **KERBSIDE, **SECURE, **TLS, **COMPRESSION, "nova_spice_listen_network": "migration",
    "nova_spice_allow_concurrent": "yes", "nova_spice_debug_logging": "yes"}

# Rendered by the unpatched tree as well: nothing in them is of the stack.
BASELINE = {
    "default": {},
    "default-tls": TLS,
    "none": {"nova_console": "none"},
    "spice": SPICE,
    "spice-tls": {**SPICE, **TLS},
}
PATCHED = {
    "html5-off": {**SPICE, "nova_spice_html5": "no"},
    "compression": {**SPICE, **COMPRESSION},
    "listen-network": {**SPICE, "nova_spice_listen_network": "migration"},
    "secure": {**SPICE, **SECURE},
    "concurrent": {**SPICE, "nova_spice_allow_concurrent": "yes"},
    "debug-logging": {**SPICE, "nova_spice_debug_logging": "yes"},
    "kerbside": KERBSIDE,
    "kerbside-secure": {**KERBSIDE, **SECURE},
    "kerbside-tls": {**KERBSIDE, **TLS},
    "everything": EVERYTHING,
    # None of it has an effect without SPICE.
    "everything-novnc": {**EVERYTHING, "nova_console": "novnc"},
    # HAProxy has one port for all that is external.
    "single-frontend": {**KERBSIDE, "haproxy_single_external_frontend": "yes"},
}
# Deployed with the role kerbside; the first one also updates the database.
DEPLOYED = ("everything", "kerbside")
# Each is a cell with an HTML5 proxy of its own, or without.
CELLS = ("default", "spice", "html5-off")

WORDS = {"yes": True, "no": False}
# These cases are rendered once more with true and false, as YAML also has it, for yes and no.
SPELLED = ("everything", "html5-off", "compression", "kerbside")
EQUAL = "-as-boolean"


def all_cases():
    """Every case by name, with its settings."""
    cases = {**BASELINE, **PATCHED}
    for name in SPELLED:
        cases[name + EQUAL] = {key: WORDS.get(value, value) for key, value in cases[name].items()}
    return cases


# For each variable of the stack: the option in [spice] of nova.conf, and its value by default.
OPTIONS = {
    "nova_spice_require_secure": ("require_secure", "no"),
    "nova_spice_allow_concurrent": ("allow_concurrent", "no"),
    "nova_spice_debug_logging": ("debug_logging", "no"),
    "nova_spice_image_compression": ("image_compression", "auto_glz"),
    "nova_spice_jpeg_compression": ("jpeg_compression", "auto"),
    "nova_spice_zlib_compression": ("zlib_compression", "auto"),
    "nova_spice_playback_compression": ("playback_compression", "yes"),
    "nova_spice_streaming_mode": ("streaming_mode", "filter"),
}
# What nova.conf has more by default than upstream's, with SPICE consoles; without them it is the same.
COMPRESSED = {"image_compression", "jpeg_compression", "zlib_compression", "playback_compression",
              "streaming_mode"}
ADDED = {"require_secure", "allow_concurrent", "debug_logging"}
# What other files have more by default, as whole lines.
ADDED_LINES = {
    **dict.fromkeys(("td-agent.conf", "fluentd.conf"), [
        "  <rule>", "    key     programname",
        "    pattern ^(kerbside-api|kerbside-proxy)$", "    tag openstack_python", "  </rule>"]),
}


@dataclass(frozen=True)
class Place:
    """The addresses that the hosts are given. Nothing listens there."""

    api: str = "127.86.75.30"
    migration: str = "127.86.75.31"
    internal: str = "127.86.75.28"
    external: str = "127.86.75.29"
    internal_name: str = "internal.example.org"
    external_name: str = "cloud.example.org"
    html5_port: str = "6082"
    api_port: str = "13002"
    secure_port: str = "5898"
    plain_port: str = "5899"


PLACE = Place()


def is_on(value):
    """Whether a setting means yes, as Ansible's filter `bool` takes it."""
    return value is True or str(value).lower() in ("yes", "true", "on", "1")


def spice_section(settings, is_compute=True):
    """What [spice] of nova.conf has to be for a case, or None where there is none. Values are texts as
    Nova reads them, and Booleans.

    The source is the stack's own documentation of the variables."""
    console = settings.get("nova_console", "novnc")
    if console == "novnc":
        return None
    if console == "none":
        return {"enabled": False}
    network = settings.get("nova_spice_listen_network", "api") if is_compute else "api"
    address = PLACE.migration if network == "migration" else PLACE.api
    section = {"enabled": True, "server_listen": address, "server_proxyclient_address": address}
    for variable, (option, default) in OPTIONS.items():
        value = settings.get(variable, default)
        section[option] = is_on(value) if default in WORDS else value
    scheme = "https" if is_on(settings.get("kolla_enable_tls_external", "no")) else "http"
    single = is_on(settings.get("haproxy_single_external_frontend", "no"))
    if is_on(settings.get("enable_kerbside", "no")):
        section["spice_direct_proxy_base_url"] = (
            f"{scheme}://{PLACE.external_name}{_port(PLACE.api_port, single)}/nova-console.vv")
    if is_on(settings.get("nova_spice_html5", "yes")):
        section |= {"html5proxy_host": PLACE.api, "html5proxy_port": int(PLACE.html5_port)}
        if is_compute:
            section["html5proxy_base_url"] = (
                f"{scheme}://{PLACE.external_name}{_port(PLACE.html5_port, single)}/spice_auto.html")
    return section


def _port(port, single):
    # kolla_url leaves the port of the scheme out.
    return "" if single else f":{port}"


# What the prechecks have to say: a case's settings, the files that are there, and the beginning of the
# message, or None where they pass. A port that is a name is one on which something listens.
CERTIFICATES = ("cacert.pem", "servercert.pem", "serverkey.pem")
PRECHECKS = {
    "kerbside": (KERBSIDE, CERTIFICATES, None),
    "everything": (EVERYTHING, CERTIFICATES, None),
    "novnc": ({**KERBSIDE, "nova_console": "novnc"}, CERTIFICATES,
              "Kerbside is a proxy for SPICE consoles, but nova_console is novnc. Set it to spice"),
    "no-ca": (KERBSIDE, CERTIFICATES[1:], "Kerbside needs cacert.pem, which is in none of these places"),
    "no-key": (KERBSIDE, CERTIFICATES[:2], "Kerbside needs serverkey.pem, which is in none of these"),
    "secure": ({**SPICE, **SECURE}, (), None),
    "secure-without-tls": (
        {**SPICE, **SECURE, "libvirt_tls": "no"}, (), "nova_spice_require_secure needs libvirt_tls"),
    "secure-with-html5": (
        {**SPICE, **SECURE, "nova_spice_html5": "yes"}, (),
        "nova-spicehtml5proxy cannot connect to consoles that require TLS"),
    "api-port-taken": ({**KERBSIDE, "kerbside_api_listen_port": "api"}, CERTIFICATES,
                       "Timeout when waiting for 127.86.75.30:"),
    "proxy-port-taken": ({**KERBSIDE, "kerbside_proxy_secure_listen_port": "api"}, CERTIFICATES,
                         "Timeout when waiting for 127.86.75.30:"),
    "frontend-taken": ({**KERBSIDE, "kerbside_proxy_secure_port": "internal"}, CERTIFICATES,
                       "Timeout when waiting for 127.86.75.28:"),
}
PRECHECK = "precheck-"
