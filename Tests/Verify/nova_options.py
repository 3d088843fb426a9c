"""The options of [spice] that the Nova of a release has with the stack's patches on it: the source file with
the release's patches, read by oslo.config. So a name that only one of the two stacks knows is found."""

import os
import subprocess
import tempfile
import types
from pathlib import Path

import environment

FILE = "nova/conf/spice.py"


class Unavailable(Exception):
    """Nova's tree is not here."""


def source(workspace=environment.WORKSPACE, release=environment.RELEASE):
    """The patched source of Nova's SPICE options.

    Throws: Unavailable; subprocess.CalledProcessError where a patch does not fit."""
    commit = environment.upstream("nova")
    repository = workspace / ".kerb/upstream/nova.git"
    shown = subprocess.run(["git", "-C", repository, "show", f"{commit}:{FILE}"],
                           capture_output=True, check=False)
    if shown.returncode:
        raise Unavailable(f"no tree of Nova: run kerb fetch {release}/nova")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        path.parent.mkdir(parents=True)
        path.write_bytes(shown.stdout)
        for patch in patches(workspace, release):
            subprocess.run(["git", "apply", f"--include={FILE}", patch], cwd=folder, check=True,
                           env={**os.environ, "GIT_CEILING_DIRECTORIES": str(Path(folder).parent)})
        return path.read_text()


def patches(workspace, release):
    """The release's patches of Nova that touch the file, in order."""
    lines = (workspace / "series" / release).read_text().splitlines()
    names = [line.split("#")[0].strip() for line in lines]
    paths = [workspace / "patches" / name for name in names if name.startswith("nova/")]
    return [path for path in paths if f"+++ b/{FILE}\n" in path.read_text()]


def read(text, names, source):
    """Reads a nova.conf as the service does.

    Args:
        names: the options that are in [spice].
        source: that of Nova's options.
    Returns: the values in [spice], by name, and what is wrong: options that Nova does not have, values
        that it refuses."""
    from oslo_config import cfg
    module = types.ModuleType("spice")
    exec(compile(source, FILE, "exec"), module.__dict__)  # pylint: disable=exec-used
    options = module.ALL_OPTS if hasattr(module, "ALL_OPTS") else module.spice_opts
    configuration = cfg.ConfigOpts()
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(text)
        file.flush()
        try:
            configuration([], default_config_files=[file.name], project="nova")
        except cfg.Error as error:
            return {}, [f"nova.conf: {error}"]
        configuration.register_opts(options, group="spice")
        unknown = names - {option.dest for option in options}
        problems = [f"nova.conf: Nova has no [spice] {name}" for name in sorted(unknown)]
        values = {}
        for name in sorted(names - unknown):
            try:
                values[name] = getattr(configuration.spice, name)
            except (cfg.Error, ValueError) as error:
                problems.append(f"nova.conf: {error}")
    return values, problems
