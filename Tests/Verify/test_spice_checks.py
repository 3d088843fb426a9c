"""Tests of what judges Kolla-Ansible's rendered files: python3 -m unittest discover Tests/Verify"""

import json
import unittest

import spice_cases
import spice_checks

SECURE = {**spice_cases.SPICE, **spice_cases.SECURE}
KERBSIDE = spice_cases.KERBSIDE
FILE = {"source": "/s/kerbside.ini", "dest": "/etc/kerbside/kerbside.ini", "owner": "kerbside",
        "perm": "0600"}


def libvirt(*names, owner="root:nova", perm="0440"):
    """A config.json that copies these certificates for SPICE."""
    return json.dumps({"config_files": [
        {"source": f"/s/{name}", "dest": f"/etc/pki/libvirt-spice/{spice_checks.SECURE_FILES[name]}",
         "owner": owner, "perm": perm} for name in names]})


def haproxy(**changes):
    """HAProxy's configuration for Kerbside, as it has to be without TLS; `changes` replace texts."""
    text = ""
    for name, mode, port in (("api", "http", "13002"), ("proxy_secure", "tcp", "5898"),
                             ("proxy_insecure", "tcp", "5899")):
        for suffix, address in (("", "127.86.75.28"), ("_external", "127.86.75.29")):
            text += (
                f"frontend kerbside_{name}{suffix}_front\n    mode {mode}\n"
                f"    bind {address}:{port}\n"
                f"backend kerbside_{name}{suffix}_back\n    balance source\n    timeout tunnel 24h\n"
                f"    server host1 127.86.75.30:{port} check\n")
    for old, new in changes.values():
        text = text.replace(old, new)
    return text


class IniTest(unittest.TestCase):

    def test_sections_and_options(self):
        self.assertEqual(
            ({"spice": {"enabled": "true", "empty": ""}}, []),
            spice_checks.ini("# nova\n\n[spice]\nenabled = true\nempty =\n"))

    def test_a_line_that_continues_the_one_before_is_found(self):
        _, problems = spice_checks.ini("[spice]\na = 1\n html5proxy_base_url = x\n")
        self.assertEqual(["line 3 is neither section nor option: ' html5proxy_base_url = x'"], problems)

    def test_a_plus_that_a_patch_left_behind_is_found(self):
        _, problems = spice_checks.ini("[spice]\n+server_proxyclient_address = 1\n")
        self.assertEqual(
            ["line 2 is neither section nor option: '+server_proxyclient_address = 1'"], problems)

    def test_an_option_that_is_there_twice_is_found(self):
        _, problems = spice_checks.ini("[spice]\na = 1\n[vnc]\na = 1\n[spice]\na = 2\n")
        self.assertEqual(["line 6 sets a once more"], problems)


class DefaultsTest(unittest.TestCase):
    """What files without settings of the stack may differ in."""

    BEFORE = "[spice]\nenabled = true\n"
    ADDED = "require_secure = False\nallow_concurrent = False\ndebug_logging = False\n"

    def defaults(self, after, settings=spice_cases.SPICE, name="nova-compute/nova.conf"):
        return spice_checks.defaults(name, settings, self.BEFORE, after, compressed=False)

    def test_the_options_that_the_stack_means_to_add(self):
        self.assertEqual([], self.defaults(self.BEFORE + self.ADDED))

    def test_no_other_line_may_be_there(self):
        self.assertIn("has more than upstream's: 'x = 1'",
                      self.defaults(self.BEFORE + self.ADDED + "x = 1\n"))

    def test_one_of_the_options_is_missing(self):
        self.assertNotEqual([], self.defaults(self.BEFORE + "require_secure = False\n"))

    def test_a_line_of_upstreams_is_lost(self):
        self.assertEqual(["lacks a line of upstream's: 'enabled = true'"],
                         self.defaults("[spice]\n" + self.ADDED))

    def test_without_spice_nothing_may_differ(self):
        self.assertEqual([], self.defaults(self.BEFORE, {}))
        self.assertEqual(3, len(self.defaults(self.BEFORE + self.ADDED, {})))

    def test_other_files_may_not_differ(self):
        self.assertEqual(["has more than upstream's: 'spice_tls = 1'"], self.defaults(
            self.BEFORE + "spice_tls = 1\n", name="nova-libvirt/qemu.conf.j2"))


class HypervisorTest(unittest.TestCase):

    def test_tls_where_it_is_required_and_nowhere_else(self):
        text = 'spice_tls = 1\nspice_tls_x509_cert_dir = "/etc/pki/libvirt-spice"\n'
        self.assertEqual([], spice_checks.qemu(text, SECURE))
        self.assertEqual([], spice_checks.qemu("", spice_cases.SPICE))
        self.assertEqual(2, len(spice_checks.qemu(text, {**SECURE, "nova_console": "novnc"})))
        self.assertEqual(1, len(spice_checks.qemu("spice_tls = 1\n", SECURE)))

    def test_certificates_where_they_are_needed_and_nowhere_else(self):
        names = list(spice_checks.SECURE_FILES)
        self.assertEqual([], spice_checks.libvirt(libvirt(*names), SECURE))
        self.assertEqual(3, len(spice_checks.libvirt(libvirt(*names), spice_cases.SPICE)))
        self.assertEqual(1, len(spice_checks.libvirt(libvirt(*names[1:]), SECURE)))

    def test_a_key_that_everybody_can_read_is_found(self):
        names = list(spice_checks.SECURE_FILES)
        self.assertEqual(3, len(spice_checks.libvirt(libvirt(*names, perm="0444"), SECURE)))

    def test_a_comma_too_many_is_found(self):
        self.assertIn("config.json: JSONDecodeError",
                      spice_checks.libvirt('{"config_files": [],}', SECURE)[0])


class KerbsideTest(unittest.TestCase):

    def files(self, present=("config.json", "kerbside.ini"), **changes):
        text = json.dumps({"command": "env -C /kerbside alembic upgrade head",
                           "config_files": [{**FILE, **changes}]})
        return spice_checks.kerbside_files(text, "kerbside-bootstrap", present)

    def test_files_that_are_there_are_copied(self):
        self.assertEqual([], self.files())
        self.assertEqual(1, len(self.files(("config.json",))))
        self.assertEqual(1, len(self.files(("config.json", "kerbside.ini", "sources.yaml"))))

    def test_files_are_for_kerbside_alone(self):
        self.assertEqual(1, len(self.files(perm="0644")))
        self.assertEqual(1, len(self.files(owner="root")))
        self.assertEqual(1, len(self.files(dest="/etc/kerbside.ini")))

    def test_haproxy_passes_on_what_it_has_to(self):
        self.assertEqual([], spice_checks.kerbside_haproxy(haproxy(), KERBSIDE))

    def test_haproxy_may_not_end_the_tls_of_the_proxy(self):
        text = haproxy(change=("127.86.75.29:5898", "127.86.75.29:5898 ssl crt x"))
        self.assertEqual(1, len(spice_checks.kerbside_haproxy(text, KERBSIDE)))

    def test_haproxy_may_not_cut_consoles_off_nor_scatter_their_channels(self):
        for line in ("    balance source\n", "    timeout tunnel 24h\n"):
            text = haproxy(change=(line, ""))
            self.assertEqual(4, len(spice_checks.kerbside_haproxy(text, KERBSIDE)))

    def test_haproxy_has_no_plain_port_where_tls_is_required(self):
        problems = spice_checks.kerbside_haproxy(haproxy(), {**KERBSIDE, **SECURE})
        self.assertEqual(2, len(problems))

    def test_haproxy_has_servers_on_the_right_port(self):
        text = haproxy(change=("127.86.75.30:13002", "127.86.75.30:13003"))
        self.assertEqual(2, len(spice_checks.kerbside_haproxy(text, KERBSIDE)))

    def test_a_password_that_belongs_to_something_else_is_found(self):
        due = spice_checks.kerbside_ini("kerbside-api", KERBSIDE)
        wrong = {**due, "keystone_service_auth_password": "of-keystone-admin-password"}
        self.assertEqual(1, len(spice_checks.same(wrong, due, "kerbside.ini")))

    def test_the_source_of_tokens_is_this_cloud(self):
        source = {"source": "RegionOne", "type": "openstack",
                  "url": "http://internal.example.org:5000/v3", "username": "kerbside",
                  "password": "of-kerbside-keystone-password", "project_name": "service",
                  "user_domain_id": "default", "project_domain_id": "default"}
        self.assertEqual([], spice_checks.sources([source], KERBSIDE))
        self.assertEqual(1, len(spice_checks.sources([{**source, "username": "admin"}], KERBSIDE)))
        self.assertEqual(1, len(spice_checks.sources([], KERBSIDE)))


class SettingsTest(unittest.TestCase):

    def test_every_variable_is_rendered_with_another_value_than_the_default(self):
        for variable, (option, _) in spice_cases.OPTIONS.items():
            by_default = spice_cases.spice_section(spice_cases.SPICE)
            changed = spice_cases.spice_section(spice_cases.EVERYTHING)
            self.assertNotEqual(by_default[option], changed[option], variable)

    def test_spelled_cases_have_no_words(self):
        for name, settings in spice_cases.all_cases().items():
            if name.endswith(spice_cases.EQUAL):
                self.assertTrue({"yes", "no"}.isdisjoint(map(str, settings.values())), name)


if __name__ == "__main__":
    unittest.main()
