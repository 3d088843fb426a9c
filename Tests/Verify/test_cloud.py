"""Tests of cloud.py and of how wire.py judges: python3 -m unittest discover Tests/Verify"""

import json
import os
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path
from unittest import mock

with mock.patch.dict(os.environ, KERB_WORKSPACE="/nowhere", KERB_RELEASE="2024.1",
                     KERB_PROJECT="openstacksdk"):
    import cloud
    import wire

POST = """
import json, os, sys, urllib.request
url = os.environ["OS_AUTH_URL"].replace("/v3", sys.argv[1])
headers = {"OpenStack-API-Version": sys.argv[2]}
print(urllib.request.urlopen(urllib.request.Request(url, sys.argv[3].encode(), headers)).read())
"""


class CloudTest(unittest.TestCase):

    def test_requests_of_nova_are_kept(self):
        with cloud.running("2.97") as nova:
            with urllib.request.urlopen(f"{nova.url}/v2.1/") as answer:
                self.assertEqual("2.97", json.load(answer)["version"]["version"])
            with self.assertRaises(urllib.error.HTTPError):
                urllib.request.urlopen(f"{nova.url}/v2.1/servers/other")
        self.assertEqual([("GET", "/v2.1/servers/other", None, None)], nova.requests)


class ProblemsTest(unittest.TestCase):

    def found(self, path=wire.CONSOLES, version="compute 2.97", body=wire.SPICE_DIRECT):
        """What is said about a client that sends one request."""
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(wire, "FOLDER", Path(folder)):
            return list(wire.problems(
                sys.executable, [], [POST, path, version, json.dumps(body)], "2.97",
                [wire.console("2.97")], [cloud.URL]))

    def test_the_request_that_is_wanted(self):
        self.assertEqual([], self.found())

    def test_another_version_body_or_url_is_a_problem(self):
        self.assertEqual(1, len(self.found(version="compute 2.96")))
        self.assertEqual(1, len(self.found(body={"remote_console": {"type": "spice-direct"}})))
        # Neither the request nor the answer nor the exit status are as they should be.
        self.assertEqual(3, len(self.found(path="/v2.1/servers/other/remote-consoles")))


if __name__ == "__main__":
    unittest.main()
