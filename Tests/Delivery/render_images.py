"""Renders the Dockerfiles of releases with `kerb images --template-only`, and looks for what has to be in them.

    render_images.py KERB WORKSPACE FOLDER RELEASE…

Needs the releases' trees (`kerb fetch RELEASE`) and the network for pip. Exit status 1 if something is not so."""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODENAMES = {"2023.1": "bullseye", "2023.2": "bookworm", "2024.1": "bookworm", "master": "trixie"}


def instructions(dockerfile):
    joined = dockerfile.read_text().replace("\\\n", " ")
    return [" ".join(line.split()) for line in joined.splitlines() if line.strip()]


def problems(release, folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    codename = CODENAMES[release]
    files = {path.parent.name: instructions(path) for path in (folder / "work" / "docker").rglob("Dockerfile")}

    def has(image, pattern):
        return any(re.search(pattern, line) for line in files.get(image, []))

    yield manifest["codename"] == codename, f"the codename is {codename}"
    yield manifest["tag"] == f"{release}-debian-{codename}-kerbside", "the tag is what Kolla-Ansible pulls"
    wanted = {"base", "openstack-base", "nova-base", "nova-api", "nova-compute", "nova-libvirt",
              "kerbside-base", "kerbside-api", "kerbside-proxy"}
    yield set(files) == wanted, f"the images are {sorted(wanted)}, not {sorted(files)}"
    yield has("base", rf"^FROM debian:{codename}"), f"the base is Debian {codename}"
    yield has("nova-base", "^ADD nova-base-archive /nova-base-source"), "nova-base takes its archive"
    yield has("nova-api", rf"^FROM kolla/nova-base:{re.escape(manifest['tag'])}$"), "nova-api is on nova-base"
    # Upstream's own Kerbside, from 2026.2 on, has the clients' patches already and takes no plugins.
    yield has("kerbside-base", "^ADD plugins-archive") == (release != "master"), "Kerbside takes plugins"
    yield has("kerbside-base", "usermod .*kerbside|useradd .*kerbside"), "Kerbside has a user"
    yield has("kerbside-api", "^USER kerbside$"), "Kerbside runs as its user"
    yield has("nova-libvirt", "qemu-system-modules-spice") == (codename == "trixie"), "QEMU has SPICE"
    configuration = (folder / "kolla-build.conf").read_text()
    for source in manifest["sources"]:
        yield (folder / "sources" / source["file"]).exists(), f"{source['file']} is there"
        for section in source["sections"]:
            yield f"[{section}]\ntype = local\nlocation = $locals_base/{source['file']}" in configuration, section
    yield any("nova-base" in source["sections"] for source in manifest["sources"]), "Nova is among the sources"


def main(kerb, workspace, folder, releases):
    bad = 0
    for release in releases:
        target = pathlib.Path(folder) / release
        pins = ROOT / "Tests" / "Verify" / "pins" / f"kolla-{release}.txt"
        subprocess.run(
            [kerb, "images", release, "--workspace", workspace, "--output", target, "--template-only",
             *(["--constraints", pins] if pins.exists() else [])], check=True)
        checks = list(problems(release, target))
        for good, what in checks:
            if not good:
                print(f"{release}: not so: {what}")
                bad += 1
        print(f"{release}: {sum(good for good, _ in checks)} of {len(checks)} hold")
    return 1 if bad or not releases else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4], sys.argv[4:]))
