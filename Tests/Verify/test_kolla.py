"""Tests of kolla.py on small renderings: python3 -m unittest discover Tests/Verify"""

import os
import unittest
from unittest import mock

with mock.patch.dict(os.environ, KERB_WORKSPACE="/nowhere", KERB_RELEASE="1.0", KERB_PROJECT="kolla"):
    import kolla

BEFORE = {
    "base/Dockerfile": "FROM debian\nRUN true \\\n    && true\n",
    "nova/nova-base/Dockerfile": "FROM kolla/openstack-base:1\n",
}
USER = ("    && groupadd --gid 42495 kerbside \\\n"
        "    && useradd -l -M --shell /usr/sbin/nologin --uid 42495 --gid 42495 kerbside \\\n")
KERBSIDE = {
    "kerbside/kerbside-base/Dockerfile": """FROM kolla/openstack-base:1
RUN usermod --append --home /var/lib/kerbside --groups kolla kerbside \\
    && mkdir -p /var/lib/kerbside \\
    && chown -R 42495:42495 /var/lib/kerbside
RUN apt-get -y install --no-install-recommends libmariadb-dev-compat pkg-config && apt-get clean
ADD kerbside-base-archive /kerbside-source
ADD plugins-archive /kerbside-plugins
RUN ln -s kerbside-source/* kerbside \\
    && python3 -m pip --no-cache-dir install --upgrade /kerbside \\
    && if [ "$(ls /kerbside-plugins/plugins)" ]; then \\
        python3 -m pip --no-cache-dir install --upgrade /kerbside-plugins/plugins/*; \\
       fi \\
    && mkdir -p /etc/kerbside
""",
    "kerbside/kerbside-api/Dockerfile": "FROM kolla/kerbside-base:1\nUSER kerbside",
    "kerbside/kerbside-proxy/Dockerfile": "FROM kolla/kerbside-base:1\nUSER kerbside",
}
AFTER = BEFORE | {"base/Dockerfile": f"FROM debian\nRUN true \\\n{USER}    && true\n"} | KERBSIDE | {
    path + ".j2": "" for path in KERBSIDE} | {path: "" for path in kolla.SCRIPTS}


def changed(path, old, new):
    """The patched rendering with a mistake in it."""
    assert old in AFTER[path]
    return AFTER | {path: AFTER[path].replace(old, new)}


class OthersTest(unittest.TestCase):

    def found(self, after):
        return list(kolla.others("debian", BEFORE, after))

    def test_one_more_user_in_the_base_image_is_meant(self):
        self.assertEqual([], self.found(AFTER))

    def test_another_image_that_changes(self):
        self.assertEqual(
            ["debian: nova/nova-base/Dockerfile is not what upstream renders"],
            self.found(changed("nova/nova-base/Dockerfile", ":1", ":2")))

    def test_another_image_that_is_lost_or_new(self):
        path = "nova/nova-base/Dockerfile"
        self.assertEqual(1, len(self.found({k: v for k, v in AFTER.items() if k != path})))
        self.assertEqual(1, len(self.found(AFTER | {"nova/nova-other/Dockerfile": "FROM x"})))

    def test_another_number_or_another_line_in_the_base_image(self):
        self.assertIn("42493", self.found(changed("base/Dockerfile", "42495", "42493"))[0])
        self.assertEqual(1, len(self.found(changed("base/Dockerfile", "RUN true", "RUN false"))))
        self.assertEqual(1, len(self.found(AFTER | {"base/Dockerfile": BEFORE["base/Dockerfile"]})))


class DebianTest(unittest.TestCase):

    def found(self, after):
        return list(kolla.debian(after))

    def test_images_as_they_are_meant_to_be(self):
        self.assertEqual([], self.found(AFTER))

    def test_a_missing_image_and_one_too_many(self):
        path = "kerbside/kerbside-proxy/Dockerfile"
        self.assertEqual(1, len(self.found({k: v for k, v in AFTER.items() if k != path})))
        self.assertEqual(1, len(self.found(AFTER | {"kerbside/kerbside-new/Dockerfile": "FROM x"})))

    def test_each_mistake_in_the_base_image_is_named(self):
        path = "kerbside/kerbside-base/Dockerfile"
        for old, new in (
                ("openstack-base", "base"),
                ("42495:42495", "42493:42493"),
                ("libmariadb-dev-compat ", ""),
                ("pkg-config ", ""),
                ("kerbside-base-archive", "kerbside-archive"),
                ("/kerbside-plugins\n", "/\n"),
                ("ln -s kerbside-source/*", "ln -s kerbside-source"),
                ("--upgrade /kerbside ", "--upgrade -c /requirements/upper-constraints.txt /kerbside "),
                ('if [ "$(ls /kerbside-plugins/plugins)" ]; then', "if true; then"),
        ):
            self.assertEqual(1, len(self.found(changed(path, old, new))), old)

    def test_services_have_the_base_image_and_the_user(self):
        path = "kerbside/kerbside-api/Dockerfile"
        self.assertEqual(1, len(self.found(changed(path, "USER kerbside", "USER root"))))
        self.assertEqual(1, len(self.found(changed(path, "kerbside-base", "openstack-base"))))


if __name__ == "__main__":
    unittest.main()
