"""The scripts of .ci that the workflows run, on a workspace with an upstream that moves, an origin and a forge
of this machine; and the workflows themselves, by their schemas and linters.

Run by `make delivery`; KERB names the program."""

import http.server
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import yaml

from hostile import ENVIRONMENT, KERB, ROOT, git

CI = ROOT / ".ci"
class Forge(http.server.BaseHTTPRequestHandler):
    """What of the forge's pull requests open-change uses; the server keeps them."""

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        self.server.asked.append((self.command, self.path, self.headers["Authorization"], body))
        if self.command == "POST":
            self.server.changes.append(body)
        found = self.server.changes if self.command == "GET" else {"number": 7}
        data = json.dumps([{"number": 7} for _ in found] if self.command == "GET" else found).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PATCH = answer

    def log_message(self, *_):
        pass


class Scripts(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name).resolve()
        self.upstream, self.work = self.folder / "upstream", self.folder / "work"
        self.upstream.mkdir()
        git(self.upstream, "init", "-q", "-b", "master")
        for name in ("f", "g"):
            (self.upstream / name).write_text("zero\none\ntwo\nthree\nfour\n")
        git(self.upstream, "add", ".")
        git(self.upstream, "commit", "-q", "-m", "first")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        daemon = subprocess.Popen(
            ["git", "daemon", "--export-all", "--reuseaddr", "--listen=127.0.0.1", f"--port={port}",
             f"--base-path={self.folder}"], env=ENVIRONMENT, stderr=subprocess.DEVNULL)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.terminate)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        self.work.mkdir()
        subprocess.run(
            [KERB, "init", "--project", "demo", "--git", f"git://127.0.0.1:{port}/upstream/.git", "."],
            cwd=self.work, env=ENVIRONMENT, check=True, capture_output=True)
        git(self.folder, "clone", "-q", "upstream", "clone")
        clone = self.folder / "clone"
        for name in ("f", "g"):
            (clone / name).write_text("zero\none\nTWO\nthree\nfour\n")
            git(clone, "commit", "-q", "-a", "-m", name, "-m", "Why @everyone ``` <b>.")
            made = subprocess.run(
                ["git", "format-patch", "-1", "--stdout", "--zero-commit", "--full-index", "--no-signature",
                 "--no-stat"], cwd=clone, env=ENVIRONMENT, check=True, capture_output=True).stdout
            (self.work / "patches" / "demo" / f"{name}.patch").write_bytes(made)
        (self.work / "series" / "master").write_text("demo/f.patch\ndemo/g.patch\n")
        self.script("kerb", "fetch")
        git(self.folder, "init", "-q", "--bare", "-b", "main", "origin.git")
        git(self.work, "init", "-q", "-b", "main")
        git(self.work, "remote", "add", "origin", str(self.folder / "origin.git"))
        git(self.work, "add", ".")
        git(self.work, "commit", "-q", "-m", "first")
        git(self.work, "push", "-q", "origin", "main")

    def script(self, name, *arguments, expect=0, **environment):
        outcome = subprocess.run(
            [KERB if name == "kerb" else CI / name, *arguments], cwd=self.work,
            env=ENVIRONMENT | {"KERB": str(KERB)} | environment, capture_output=True, text=True)
        self.assertEqual(outcome.returncode, expect, outcome.stdout + outcome.stderr)
        return outcome

    def show(self, *arguments):
        return subprocess.run(
            ["git", *arguments], cwd=self.work, env=ENVIRONMENT, check=True, capture_output=True, text=True).stdout

    def advance(self, file, old, new):
        path = self.upstream / file
        path.write_text(path.read_text().replace(old, new))
        git(self.upstream, "commit", "-q", "-a", "-m", f"{old} is {new}")

    def test_the_matrix_has_the_stacks_that_have_patches(self):
        self.assertEqual(json.loads(self.script("stacks").stdout), ["master/demo"])

    def test_a_job_of_gitlab_a_stack(self):
        made = subprocess.run(
            [CI / "gitlab-stacks"], input=self.script("stacks").stdout, check=True, capture_output=True, text=True)
        jobs = yaml.safe_load(made.stdout)
        self.assertEqual(list(jobs), ["check master/demo"])
        self.assertIn('kerb fetch "master/demo"', jobs["check master/demo"]["script"])
        none = subprocess.run([CI / "gitlab-stacks"], input="[]", capture_output=True, text=True)
        self.assertEqual(none.returncode, 1)

    def test_a_stack_is_checked_and_its_verdict_is_the_jobs(self):
        self.assertIn("all apply", self.script("check-stack", "master/demo", "github").stdout)
        file = self.work / "patches" / "demo" / "f.patch"
        file.write_text(file.read_text().replace("-two", "-2"))
        outcome = self.script("check-stack", "master/demo", "github", expect=1)
        self.assertIn("::error file=patches/demo/f.patch,line=", outcome.stdout)

    def test_nothing_happens_where_upstream_stands_still(self):
        outcome = self.script("look-ahead")
        self.assertEqual(outcome.stdout, "")
        self.assertIn("nothing has changed", outcome.stderr)
        self.assertEqual(self.show("branch", "--format=%(refname:short)").split(), ["main"])

    def test_what_upstream_moved_becomes_one_commit_once(self):
        self.advance("f", "zero", "0")
        outcome = self.script("look-ahead")
        self.assertEqual(outcome.stdout, "kerb/refresh\n")
        self.assertEqual(
            self.show("diff", "--name-only", "main", "kerb/refresh").split(),
            ["patches/demo/f.patch", "series/upstream.lock"])
        self.assertEqual(self.show("log", "--format=%an %s", "-1", "kerb/refresh").strip(),
                         "kerb patches: as they fit the newest upstream trees")
        # The work tree is as it was.
        self.assertEqual(self.show("status", "--porcelain"), "")
        git(self.work, "push", "-q", "origin", "kerb/refresh")
        again = self.script("look-ahead")
        self.assertEqual(again.stdout, "")
        self.assertIn("kerb/refresh at origin has the same", again.stderr)
        self.advance("g", "four", "4")
        self.assertEqual(self.script("look-ahead").stdout, "kerb/refresh\n")

    def test_a_stack_with_a_conflict_stays_and_is_named(self):
        self.advance("f", "two", "2")
        outcome = self.script("look-ahead")
        self.assertEqual(outcome.stdout, "")
        self.assertIn("    x master/demo  from git:master to git:master: ", outcome.stderr)
        self.assertEqual(self.show("status", "--porcelain"), "")
        self.assertFalse(list((self.work / ".kerb").glob("stopped/*")))

    def test_changes_that_wait_are_not_taken_along(self):
        (self.work / "patches" / "demo" / "h.patch").write_text("x")
        self.script("look-ahead", expect=2)

    def test_the_report_is_published_when_it_changes(self):
        self.assertEqual(self.script("publish-report").stdout, "kerb/report\n")
        git(self.work, "push", "-q", "origin", "kerb/report")
        self.assertEqual(self.script("publish-report").stdout, "")
        (self.work / "series" / "master").write_text("demo/f.patch\n")
        self.assertEqual(self.script("publish-report").stdout, "kerb/report\n")
        page = self.show("show", "kerb/report:index.html")
        self.assertIn("master/demo: g is gone", page)
        self.assertEqual(self.show("log", "--format=%s", "kerb/report").splitlines(), ["The state of the stacks"] * 2)

    def test_one_pull_request_is_opened_and_then_renewed(self):
        self.advance("f", "zero", "0")
        self.script("look-ahead")
        server = http.server.HTTPServer(("127.0.0.1", 0), Forge)
        server.asked, server.changes = [], []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        environment = {"GITHUB_API_URL": f"http://127.0.0.1:{server.server_address[1]}", "BASE": "main",
                       "GITHUB_REPOSITORY": "owner/name", "GITHUB_TOKEN": "secret", "no_proxy": "*"}
        for wanted in ("opened", "renewed"):
            outcome = self.script("open-change", "kerb/refresh", **environment)
            self.assertEqual(outcome.stdout, f"pull request 7 {wanted}\n")
        self.assertEqual([method for method, *_ in server.asked], ["GET", "POST", "GET", "PATCH"])
        self.assertTrue(all(token == "Bearer secret" for _, _, token, _ in server.asked))
        body = server.asked[1][3]
        self.assertEqual((body["head"], body["base"]), ("kerb/refresh", "main"))
        fence = re.match("(`+)text\n", body["body"])[1]
        self.assertEqual(body["body"].count(fence), 2)


class Workflows(unittest.TestCase):
    """The files that forges read."""

    def run_tool(self, *arguments):
        outcome = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True)
        self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)

    def tool(self, name):
        return str(pathlib.Path(sys.executable).parent / name)

    def test_they_are_of_their_schemas(self):
        flows = sorted(map(str, (ROOT / ".github" / "workflows").glob("*.yml")))
        self.assertEqual(len(flows), 2)
        self.run_tool(self.tool("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *flows)
        self.run_tool(self.tool("check-jsonschema"), "--builtin-schema", "vendor.gitlab-ci", ".gitlab-ci.yml")

    def test_yamllint_and_zizmor_find_nothing(self):
        self.run_tool(self.tool("yamllint"), "--strict", ".github", ".gitlab-ci.yml", "kerb.yaml", ".yamllint")
        self.run_tool(self.tool("zizmor"), "--offline", "--no-progress", ".github")

    def test_shellcheck_finds_nothing_in_scripts_and_steps(self):
        scripts = [path for path in sorted(CI.iterdir()) if path.read_bytes().startswith(b"#!/bin/bash")]
        self.assertGreater(len(scripts), 5)
        self.run_tool("shellcheck", *map(str, scripts))
        with tempfile.TemporaryDirectory() as folder:
            steps = []
            for file in (ROOT / ".github" / "workflows").glob("*.yml"):
                for name, job in yaml.safe_load(file.read_text())["jobs"].items():
                    for number, step in enumerate(job["steps"]):
                        # Nothing that a pull request can name is put into a script's text.
                        self.assertNotIn("${{", step.get("run", ""))
                        if "run" in step:
                            path = pathlib.Path(folder) / f"{file.stem}-{name}-{number}.sh"
                            path.write_text("#!/bin/bash\n" + step["run"])
                            steps.append(str(path))
            self.assertGreater(len(steps), 10)
            self.run_tool("shellcheck", "--exclude", "SC2154", *steps)

    def test_every_script_of_a_step_is_there_and_may_run(self):
        texts = [path.read_text() for path in (ROOT / ".github" / "workflows").glob("*.yml")]
        texts.append((ROOT / ".gitlab-ci.yml").read_text())
        named = {name for text in texts for name in re.findall(r"\.ci/([a-z-]+)", text)}
        self.assertIn("look-ahead", named)
        for name in named:
            self.assertTrue(os.access(CI / name, os.X_OK), name)


if __name__ == "__main__":
    unittest.main()
