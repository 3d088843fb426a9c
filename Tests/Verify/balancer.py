"""Whether HAProxy itself takes its configuration."""

import itertools
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

DEFAULTS = "defaults\n    timeout connect 1m\n    timeout client 1m\n    timeout server 1m\n"
FILES = re.compile(r"(?<=\bcrt )/\S+|(?<=\bca-file )\S+")

SERVERS = re.compile(r"^\s+server \S+", re.M)


def refused(text):
    """What HAProxy objects to in the sections of services; the certificates that they name are made up,
    and the servers get names of their own, because all hosts of the trial have the same facts.
    Where it is not installed, that is the answer."""
    program = shutil.which("haproxy", path="/usr/sbin:/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        return ["haproxy is not installed; 'make setup-verify' does it"]
    with tempfile.TemporaryDirectory() as folder:
        certificate = Path(folder) / "both.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=console",
             "-keyout", Path(folder) / "key.pem", "-out", Path(folder) / "cert.pem"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        certificate.write_bytes((Path(folder) / "cert.pem").read_bytes()
                                + (Path(folder) / "key.pem").read_bytes())
        file = Path(folder) / "haproxy.cfg"
        number = itertools.count(1)
        text = SERVERS.sub(lambda found: f"{found[0]}{next(number)}", text)
        file.write_text(DEFAULTS + FILES.sub(str(certificate), text) + "\n")
        done = subprocess.run([program, "-c", "-f", file], check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode == 0:
        return []
    said = [line for line in done.stdout.splitlines() if "ALERT" in line]
    return [f"HAProxy says: {line.split(':', 1)[-1].strip()}" for line in said] or [
        f"HAProxy ends with status {done.returncode}: {done.stdout[-300:]}"]
