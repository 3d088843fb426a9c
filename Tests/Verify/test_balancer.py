import shutil
import unittest

import balancer

GOOD = """
frontend api_front
    mode http
    bind 192.0.2.1:13002 ssl crt /etc/haproxy/haproxy.pem
    default_backend api_back

backend api_back
    mode http
    server one 192.0.2.2:13002 check
"""


@unittest.skipUnless(shutil.which("haproxy", path="/usr/sbin:/usr/bin"), "haproxy is not installed")
class BalancerTest(unittest.TestCase):
    def test_haproxy_takes_what_is_right(self):
        self.assertEqual([], balancer.refused(GOOD))

    def test_haproxy_refuses_what_is_wrong(self):
        for old, new in (("mode http", "mode htpt"), ("default_backend api_back", "default_backend x"),
                         ("    server", "    srv")):
            self.assertTrue(balancer.refused(GOOD.replace(old, new)), new)


if __name__ == "__main__":
    unittest.main()
