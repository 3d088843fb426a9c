"""`kerb replay --batch` as a function call, and what a result means."""

import json
import subprocess
import tempfile
import threading

from commits import ENVIRONMENT

ACCEPTED = {"clean", "moved", "merged", "resolved", "landed", "partly_landed"}


class Batch:
    """One `kerb replay --batch` process, started again when a job ends it."""

    def __init__(self, kerb, repo, seconds=120):
        self.command = [str(kerb), "replay", "--repo", str(repo), "--batch"]
        self.seconds = seconds
        self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def ask(self, job):
        """The result of a job. A process that ends, takes too long or answers with something other
        than JSON gives {"crash": why}: always a failure."""
        if self.process is None:
            self.start()
        timer = threading.Timer(self.seconds, self.process.kill)
        timer.start()
        try:
            self.process.stdin.write(json.dumps(job).encode() + b"\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = b""
        finally:
            timer.cancel()
        try:
            result = json.loads(line)
            if isinstance(result, dict):
                return result
        except ValueError:
            pass
        return {"crash": self.stop(answer=line)}

    def start(self):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, env=ENVIRONMENT)

    def stop(self, answer=b""):
        """Ends the process; says how it ended and what it last said."""
        if self.process is None:
            return ""
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            code = self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.process.stdout.close()
        self.errors.seek(0)
        said = self.errors.read()[-300:] or answer[:300]
        self.errors.close()
        self.process = None
        return f"kerb ended with exit status {code}: {said.decode(errors='replace').strip()}"


def outcomes(result):
    """The outcome of each step, then of each path."""
    steps = result.get("steps") or []
    paths = [path for step in steps for path in step.get("paths") or []]
    return [item.get("outcome") for item in steps + paths]


def refusal(result):
    """Why kerb did not take everything, or None when it did: the first reason that it gives, with
    the rule's name in brackets at its end."""
    if "crash" in result:
        return result["crash"]
    steps = result.get("steps") or []
    if result.get("tree") and steps and all(outcome in ACCEPTED for outcome in outcomes(result)):
        return None
    if result.get("error"):
        return result["error"]
    for step in steps:
        for item in step.get("diagnostics") or []:
            return f"{item['message']} [{item['rule']}]"
        for item in step.get("paths") or []:
            if item.get("reason"):
                return f"{item['reason']} [{item['rule']}]"
    refused = [step for step in steps if step.get("outcome") not in ACCEPTED]
    return str(refused[0].get("outcome")) if refused else "no tree, and no reason given"
