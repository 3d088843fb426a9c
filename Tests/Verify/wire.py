"""Runs a patched client against a small cloud on this machine and looks at what it sends: method, URL,
microversion and body of the request for a spice-direct console, and of the look-up of its token. The
client is the wheel of the patched tree, so its commands are found through their entry points; the
openstack client runs with the patched openstacksdk of its release.

Exit status 1 if something is not so, 125 if the environment cannot be made."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import changes
import cloud
import environment
import wheel

FOLDER = environment.WORKSPACE / ".kerb" / "wire" / environment.RELEASE / environment.PROJECT
# The microversion that the release's own patched Nova has for such consoles.
OWN = {"2023.1": "2.96", "2023.2": "2.96", "2024.1": "2.97"}.get(environment.RELEASE, "2.99")
SPICE_DIRECT = {"remote_console": {"protocol": "spice", "type": "spice-direct"}}
CONSOLES = f"/v2.1/servers/{cloud.SERVER}/remote-consoles"
TOKENS = f"/v2.1/os-console-auth-tokens/{cloud.TOKEN}"
SDK = """
import openstack, sys
compute = openstack.connect().compute
console = getattr(compute, sys.argv[1])(sys.argv[2], *sys.argv[3:])
print(console.to_dict() if hasattr(console, "to_dict") else console)
"""
OSC = "import sys; from openstackclient.shell import main; sys.exit(main())"
NOVA = "import sys; from novaclient.shell import main; sys.exit(main())"


def console(version):
    """The request for a console."""
    return "POST", CONSOLES, f"compute {version}", SPICE_DIRECT


def look_up(version):
    """The request that a token is looked up with."""
    return "GET", TOKENS, f"compute {version}", None


def cases():
    """What is run: program and arguments, the newest version of the cloud, the requests that Nova has to
    be sent, and what has to be printed; no requests where the client has to refuse by itself."""
    url, connection = [cloud.URL], ["192.0.2.7", "5901", cloud.SERVER]
    if environment.PROJECT == "python-novaclient":
        show = [NOVA, "get-spice-console", cloud.SERVER, "spice-direct"]
        yield show, OWN, [console(OWN)], url
        yield show, "2.104", [console(OWN)], url
        yield show, "2.95", [], ["spice-direct"]
        yield [NOVA, "help", "get-spice-console"], OWN, [], ["spice-direct"]
        return
    if environment.PROJECT == "openstacksdk":
        show = [SDK, "create_console", cloud.SERVER, "spice-direct"]
        find = [SDK, "validate_console_auth_token", cloud.TOKEN]
    else:
        show = [OSC, "console", "url", "show", "--spice-direct", cloud.SERVER]
        find = [OSC, "console", "connection", "show", cloud.TOKEN]
        yield [OSC, "help", "console", "url", "show"], OWN, [], ["--spice-direct"]
        yield [OSC, "help", "console", "connection", "show"], OWN, [], ["<token>"]
    yield show, OWN, [console(OWN)], url
    yield show, "2.104", [console("2.99")], url
    yield show, "2.95", [], ["spice-direct", "2.96"]
    yield find, OWN, [look_up(OWN)], connection
    yield find, "2.104", [look_up("2.99")], connection


def unpacked(made):
    """The folder that a wheel is unpacked into."""
    folder = FOLDER / "installed"
    with zipfile.ZipFile(made) as archive:
        archive.extractall(folder)
    return folder


def patched(project):
    """The patched tree of another project of the release, laid by git: upstream's files as they are
    locked, then the patches of the series."""
    folder = FOLDER / project
    repository = environment.WORKSPACE / ".kerb" / "upstream" / f"{project}.git"
    changes.lay(folder, environment.upstream(project), repository=repository)
    series = (environment.WORKSPACE / "series" / environment.RELEASE).read_text().splitlines()
    for line in series:
        if line.startswith(f"{project}/"):
            patch = environment.WORKSPACE / "patches" / line.split()[0]
            subprocess.run(["git", "apply", patch], cwd=folder, check=True,
                           env={**environment.clean(), "GIT_CEILING_DIRECTORIES": str(FOLDER)})
    return folder


def problems(interpreter, paths, command, maximum, wanted, printed):
    """What is not as it is meant to be in one run of the client."""
    program, *arguments = command
    with cloud.running(maximum) as nova:
        home = {"HOME": str(FOLDER), "XDG_CACHE_HOME": str(FOLDER), "XDG_CONFIG_HOME": str(FOLDER)}
        variables = {key: value for key, value in environment.clean().items() if not key.startswith("OS_")}
        run = subprocess.run(
            [interpreter, "-W", "ignore", "-c", program, *arguments], cwd=FOLDER, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**variables, **home, **nova.variables(), "PYTHONPATH": ":".join(map(str, paths))})
    name = f"{' '.join(arguments)} (Nova up to {maximum})"
    sent = [request for request in nova.requests if "remote-consoles" in request[1] or "tokens" in request[1]]
    if sent != wanted:
        yield f"{name}: sent {sent}, not {wanted}: {run.stdout.strip()[-600:]}"
    if missing := [text for text in printed if text not in run.stdout]:
        yield f"{name}: {missing} is not in what it prints: {run.stdout.strip()[-600:]}"
    if (run.returncode == 0) != (bool(wanted) or "help" in arguments):
        yield f"{name}: ended with {run.returncode}"


def main():
    interpreter = environment.python_or_end()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    paths = [unpacked(wheel.build(environment.upstream()))]
    if environment.PROJECT == "python-openstackclient":
        paths.append(patched("openstacksdk"))
    runs = list(cases())
    found = [problem for case in runs for problem in problems(interpreter, paths, *case)]
    print("\n".join(found) or f"{len(runs)} runs of the client send and print what they are meant to")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
