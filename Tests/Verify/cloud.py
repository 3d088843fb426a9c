"""A cloud of one server for clients: Keystone and Nova of one console, over HTTP on this machine, which
keeps the requests that it is sent."""

import contextlib
import http.server
import json
import threading

SERVER = "d3a0a1f6-2f38-4f0e-a6f3-7c9d5b0e2c11"
TOKEN = "1e5b8a1c-6f0d-4f0a-9a3e-0c5f5b1d7a42"
URL = f"http://192.0.2.1:13002/nova?token={TOKEN}"
CONNECTION = {"instance_uuid": SERVER, "host": "192.0.2.7", "port": 5900, "tls_port": 5901,
              "internal_access_path": None}
SECRETS = {"OS_USERNAME": "demo", "OS_PASSWORD": "secret", "OS_PROJECT_NAME": "demo",
           "OS_USER_DOMAIN_ID": "default", "OS_PROJECT_DOMAIN_ID": "default",
           "OS_REGION_NAME": "RegionOne", "OS_IDENTITY_API_VERSION": "3"}


class Cloud(http.server.ThreadingHTTPServer):
    """Answers as a Nova whose newest microversion is `maximum`.

    requests: of Nova, in order, each as (method, path, microversion header, body)."""

    def __init__(self, maximum):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.maximum, self.requests = maximum, []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def variables(self):
        """The environment variables that lead a client here."""
        return {**SECRETS, "OS_AUTH_URL": f"{self.url}/v3", "no_proxy": "127.0.0.1"}


@contextlib.contextmanager
def running(maximum):
    """A cloud that answers as long as the block runs."""
    with Cloud(maximum) as cloud:
        thread = threading.Thread(target=cloud.serve_forever)
        thread.start()
        try:
            yield cloud
        finally:
            cloud.shutdown()
            thread.join()


class _Answer(http.server.BaseHTTPRequestHandler):

    def do_GET(self):
        path = self.path.partition("?")[0].rstrip("/")
        if path == "/v3":
            self._send(200, {"version": self._version("v3.14", "stable", "/v3")})
        elif path == "/v2.1":
            self._send(200, {"version": self._version("v2.1", "CURRENT", "/v2.1/") | {
                "version": self.server.maximum, "min_version": "2.1"}})
        elif path == f"/v2.1/servers/{SERVER}":
            self._nova(200, {"server": {"id": SERVER, "name": "demo", "status": "ACTIVE"}})
        elif path == f"/v2.1/os-console-auth-tokens/{TOKEN}":
            self._nova(200, {"console": CONNECTION})
        else:
            self._nova(404, {"itemNotFound": {"code": 404, "message": f"{path} is unknown"}})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/v3/auth/tokens":
            self._send(201, {"token": self._token()}, {"X-Subject-Token": "subject"})
        elif self.path == f"/v2.1/servers/{SERVER}/remote-consoles":
            console = body.get("remote_console", {})
            self._nova(200, {"remote_console": console | {"url": URL}}, body)
        else:
            self._nova(404, {"itemNotFound": {"code": 404, "message": f"{self.path} is unknown"}}, body)

    def _version(self, name, status, path):
        return {"id": name, "status": status, "links": [{"rel": "self", "href": self.server.url + path}]}

    def _token(self):
        endpoint = {"id": "1", "interface": "public", "region": "RegionOne", "region_id": "RegionOne"}
        catalog = [(kind, f"{self.server.url}{path}")
                   for kind, path in (("compute", "/v2.1"), ("identity", "/v3"))]
        domain = {"id": "default", "name": "Default"}
        return {
            "methods": ["password"], "expires_at": "2999-01-01T00:00:00.000000Z",
            "issued_at": "2020-01-01T00:00:00.000000Z", "roles": [{"id": "1", "name": "admin"}],
            "user": {"id": "1", "name": "demo", "domain": domain},
            "project": {"id": "1", "name": "demo", "domain": domain},
            "catalog": [{"id": kind, "type": kind, "name": kind, "endpoints": [endpoint | {"url": url}]}
                        for kind, url in catalog]}

    def _nova(self, status, content, body=None):
        version = self.headers.get("OpenStack-API-Version")
        self.server.requests.append((self.command, self.path, version, body))
        self._send(status, content, {"OpenStack-API-Version": version} if version else {})

    def _send(self, status, content, headers=()):
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **dict(headers)}.items():
            self.send_header(name, value)
        text = json.dumps(content).encode()
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass
