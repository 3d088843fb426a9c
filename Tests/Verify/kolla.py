"""Proves a stack of Kolla: Kolla's own unit tests and its checks of templates pass; its images for
Kerbside are rendered as they are meant to be, for Debian only; and whatever else is rendered is what the
upstream tree renders, but for one user in the base image.

Exit status 1 if something is not so, 125 if the environment cannot be made."""

import difflib
import json
import re
import subprocess
import sys
from pathlib import Path

import changes
import environment
import render

KERBSIDE = {"kerbside-api", "kerbside-base", "kerbside-proxy"}
SCRIPTS = {"kerbside/kerbside-api/extend_start.sh", "kerbside/kerbside-base/extend_start.sh"}
ANCESTORS = {"base", "openstack-base"}
OTHER_DISTROS = ("centos", "rocky", "ubuntu")
BASE = "base/Dockerfile"
NUMBER = 42495
PIP = r"(SETUPTOOLS_USE_DISTUTILS=stdlib )?python3 -m pip --no-cache-dir install --upgrade "
# What has to be in the image that has the code, each as one instruction.
BASE_IMAGE = (
    r"FROM kolla/openstack-base:\S+",
    rf"RUN usermod .* kerbside && mkdir -p /var/lib/kerbside "
    rf"&& chown -R {NUMBER}:{NUMBER} /var/lib/kerbside",
    r"RUN apt-get .* install --no-install-recommends libmariadb-dev-compat pkg-config && .*",
    r"ADD kerbside-base-archive /kerbside-source",
    r"ADD plugins-archive /kerbside-plugins",
    rf"RUN ln -s kerbside-source/\* kerbside && {PIP}/kerbside && "
    rf'if \[ "\$\(ls /kerbside-plugins/plugins\)" \]; then {PIP}/kerbside-plugins/plugins/\*; '
    r"fi && .*",
)
CONFIGURATION = """
import json
from oslo_config import cfg
from kolla.common import config
conf = cfg.ConfigOpts()
config.parse(conf, [], prog="kolla-build", default_config_files=[])
kerbside = "kerbside-base" in conf and [
    conf["kerbside-base"].type, conf["kerbside-base"].location,
    conf["kerbside-user"].uid, conf["kerbside-user"].gid]
print(json.dumps([{option.name: conf.profiles[option.name] for option in config._PROFILE_OPTS}, kerbside]))
"""


def unit_tests(interpreter):
    """Whether all of Kolla's own unit tests pass."""
    listed = changes.git("ls-files", "-z", "kolla/tests").decode().split("\0")
    modules = [changes.module(path) for path in map(Path, listed) if path.match("test_*.py")]
    added = changes.tests(environment.upstream())
    outcomes = environment.run_tests(
        interpreter, dict.fromkeys(modules, []) | added, small=sys.maxsize)
    return environment.report(outcomes)


def template_checks():
    """What Kolla's checks of all its templates say."""
    run = subprocess.run(["bash", "tools/validate-all-dockerfiles.sh"], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, check=False)
    return run.stdout.splitlines() or ["tools/validate-all-dockerfiles.sh fails"] if run.returncode else []


def configuration(tree, upstream):
    """What is not as it is meant to be in the source and the user of Kerbside, and in the profiles."""
    (profiles, kerbside), (before, _) = (
        json.loads(side.program("-c", CONFIGURATION).splitlines()[-1]) for side in (tree, upstream))
    kind, location, *numbers = kerbside or ["missing", "", None]
    if kind != "url" or not re.search(r"/kerbside-\d[\d.]*\.tar\.gz$", location):
        yield f"the source kerbside-base is {kind} {location}"
    if numbers != [NUMBER, NUMBER]:
        yield f"the user of Kerbside has the numbers {numbers}"
    if profiles != before | {"aux": sorted([*before["aux"], "kerbside"])}:
        yield f"the profiles are {profiles}"


def others(distro, before, after):
    """What is rendered for other images, or what the base image has, that upstream's tree does not."""
    own = {path for path in after if path.startswith("kerbside/")}
    other = {path for path in before.keys() | after.keys() - own if before.get(path) != after.get(path)}
    for path in sorted(other - {BASE}):
        yield f"{distro}: {path} is not what upstream renders"
    lines = difflib.ndiff(*(side[BASE].splitlines() for side in (before, after)))
    changed = [" ".join(line.split()).removesuffix(" \\") for line in lines if line[0] in "+-"]
    user = [f"+ && groupadd --gid {NUMBER} kerbside",
            f"+ && useradd -l -M --shell /usr/sbin/nologin --uid {NUMBER} --gid {NUMBER} kerbside"]
    if changed != user:
        yield f"{distro}: the base image differs by {changed}"


def debian(files):
    """What is not as it is meant to be in the images of Kerbside for Debian."""
    own = {path for path in files if path.startswith("kerbside/")}
    wanted = SCRIPTS | {f"kerbside/{image}/Dockerfile{end}" for image in KERBSIDE for end in ("", ".j2")}
    if own != wanted:
        yield f"debian: the images of Kerbside have {sorted(own)}"
        return
    lines = {image: render.instructions(files[f"kerbside/{image}/Dockerfile"]) for image in KERBSIDE}
    for pattern in BASE_IMAGE:
        if sum(bool(re.fullmatch(pattern, line)) for line in lines["kerbside-base"]) != 1:
            yield f"debian: kerbside-base has not exactly one instruction like {pattern}"
    for image in sorted(KERBSIDE - {"kerbside-base"}):
        if not re.fullmatch(r"FROM kolla/kerbside-base:\S+", lines[image][0]):
            yield f"debian: {image} is {lines[image][0]}"
        if lines[image][-1] != "USER kerbside":
            yield f"debian: {image} ends with {lines[image][-1]}"


def choices(tree, everything):
    """What of Kerbside cannot be chosen by its profile or its name."""
    own = {path for path in everything if path.startswith("kerbside/")}
    if missing := own - tree.render("debian", "--profile", "aux").keys():
        yield f"debian: the profile aux lacks {sorted(missing)}"
    named = render.images(tree.render("debian", "^kerbside"))
    if named != KERBSIDE | ANCESTORS:
        yield f"debian: with the name kerbside, {sorted(named)} are rendered"


def forced(tree, distro):
    """Whether a build that is forced on another distribution ends with the message that says why."""
    files = tree.render(distro, "--enable-unbuildable", "^kerbside")
    message = f"ERROR: kerbside-base is built on Debian only, not on {distro}"
    lines = render.instructions(files["kerbside/kerbside-base/Dockerfile"])
    commands = [line.removeprefix("RUN ") for line in lines if "ERROR" in line]
    if not commands or any("apt-get" in line or "dnf" in line for line in lines):
        yield f"{distro}: nothing stops a build that is forced"
        return
    run = subprocess.run(["sh", "-c", commands[0]], capture_output=True, text=True, check=False)
    if run.returncode == 0 or run.stderr.strip() != message:
        yield f"{distro}: status {run.returncode}, {run.stderr.strip()!r}"


def problems(interpreter):
    """All that is not as it is meant to be, and the number of images that were compared."""
    tree, upstream = render.trees(interpreter)
    found = [*template_checks(), *configuration(tree, upstream)]
    before, after = upstream.render("debian"), tree.render("debian")
    found += [*others("debian", before, after), *debian(after), *choices(tree, after)]
    compared = len(render.images(before))
    for distro in OTHER_DISTROS:
        before, after = upstream.render(distro), tree.render(distro)
        compared += len(render.images(before))
        found += others(distro, before, after)
        found += [f"{distro}: has {path}" for path in after if path.startswith("kerbside/")]
        found += forced(tree, distro)
    return found, compared


def main():
    interpreter = environment.python_or_end()
    is_good = unit_tests(interpreter)
    try:
        found, compared = problems(interpreter)
    except subprocess.CalledProcessError as error:
        found, compared = [f"{error}\n{error.output}"], 0
    print("\n".join(found) or f"{compared} images as upstream renders them, and those of Kerbside")
    return 0 if is_good and not found and compared else 1


if __name__ == "__main__":
    sys.exit(main())
