"""Builds a wheel from what `kerb export` makes of the patched tree: of a tree without a repository pbr takes
the files from SOURCES.txt of the released archive, which the export completes. Then every file of the
project's packages and data that the stack adds or changes has to be in the wheel, byte for byte, and every
entry point that it adds has to be there and lead to something; and the wheel has the version of the export.

Exit status 1 if something is not so, 125 if the environment cannot be made."""

import configparser
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import changes
import environment
import setup_cfg

FOLDER = environment.WORKSPACE / ".kerb" / "wheel" / environment.RELEASE / environment.PROJECT
LOAD = """
import importlib.metadata, sys
sys.path.insert(0, sys.argv[1])
for group, name, value in zip(*[iter(sys.argv[2:])] * 3):
    importlib.metadata.EntryPoint(name, value, group).load()
"""


def build():
    """The wheel of the exported tree; made anew.

    Throws subprocess.CalledProcessError, with what the build printed in `output`."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    exported = json.loads(subprocess.run(
        [os.environ["KERB_PROGRAM"], "export", "--json", "--format", "dir", "--output", FOLDER / "tree",
         "--workspace", environment.WORKSPACE, f"{environment.RELEASE}/{environment.PROJECT}"],
        check=True, stdout=subprocess.PIPE).stdout)
    (export,) = exported["exports"]
    interpreter = environment.python_or_end(f"build-{environment.RELEASE}")
    subprocess.run(
        [interpreter, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index",
         "--wheel-dir", FOLDER, export["path"]],
        # The workspace around it is a repository, of which pbr would take the files.
        env={**environment.clean(), "GIT_CEILING_DIRECTORIES": str(FOLDER)}, check=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    (made,) = FOLDER.glob("*.whl")
    return made, export["version"]


def section(commit, name):
    """A section of setup.cfg in a commit: each key with its lines."""
    text = changes.git("show", f"{commit}:setup.cfg").decode()
    return {key: lines for (of, key), lines in setup_cfg.values(text).items() if of == name}


def entry_points(commit):
    """The entry points that setup.cfg of a commit names, as (group, name, value)."""
    return {(group, *map(str.strip, line.split("=", 1)))
            for group, lines in section(commit, "entry_points").items() for line in lines}


def places(files):
    """Where the files of a tree are in its wheel, for those that belong there: of packages at the top, of
    data below what setup.cfg names."""
    listed = section("HEAD", "files")
    # TARGET = FOLDER/*, or TARGET = and the files on lines of their own, which name no folder.
    data = [line.partition("=")[::2] for line in listed.get("data_files", [])]
    folders = {source.strip().removesuffix("/*"): target.strip()
               for target, source in data if source.strip().endswith("/*")}
    packages = listed.get("packages") or _top_levels()
    for path in files:
        if path.parts[0] in packages:
            yield path, str(path)
        for source, target in folders.items():
            if path.is_relative_to(source):
                yield path, f"data/{PurePosixPath(target) / path.relative_to(source)}"


def _top_levels():
    (listing,) = Path(".").glob("*.egg-info/top_level.txt")
    return listing.read_text().split()


def contents(made):
    """The files of a wheel, by name; those of data as data/…, those about it as dist-info/…"""
    with zipfile.ZipFile(made) as archive:
        files = {}
        for name in archive.namelist():
            top, _, rest = name.partition("/")
            kind = top.rpartition(".")[2]
            files[rest if kind == "data" else f"dist-info/{rest}" if kind == "dist-info" else name] = (
                archive.read(name))
        return files


def problems(made, before):
    """What a wheel lacks, and the numbers of files and entry points that were looked for."""
    files, found = contents(made), []
    wanted = list(places(changes.files(before)))
    for path, place in wanted:
        if place not in files:
            found.append(f"{made.name} lacks {place}")
        elif files[place] != path.read_bytes():
            found.append(f"{made.name} has another {place}")
    parser = configparser.RawConfigParser(delimiters=["="])
    parser.optionxform = str
    parser.read_string(files.get("dist-info/entry_points.txt", b"").decode())
    added = sorted(entry_points("HEAD") - entry_points(before))
    for group, name, value in added:
        if not parser.has_option(group, name) or parser.get(group, name) != value:
            found.append(f"{made.name} lacks the entry point {name} of {group}")
    return found, len(wanted), added


def main():
    before = environment.upstream()
    try:
        made, version = build()
        found, number, added = problems(made, before)
        if made.name.split("-")[1] != version:
            found.append(f"{made.name} is not {version}")
        if added:
            subprocess.run(
                [environment.python_or_end(), "-c", LOAD, made, *(word for point in added for word in point)],
                cwd=FOLDER, env=environment.clean(), check=True, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True)
    except subprocess.CalledProcessError as error:
        print(f"{error}\n{error.output}")
        return 1
    print("\n".join(found) or f"{made.name} has {number} files of the stack and {len(added)} entry points")
    return 0 if number and not found else 1


if __name__ == "__main__":
    sys.exit(main())
