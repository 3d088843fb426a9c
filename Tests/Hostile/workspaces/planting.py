"""What a case can plant: files, links, pipes, large files, a store, a lock."""

import os
import pathlib
import shutil

import good
from objects import Objects


def hole(path, size=3 << 30):
    with open(path, "wb") as file:
        file.truncate(size)


class Planting:
    """Paths are relative to `self.site`: the workspace, or the pull request that becomes it."""

    def at(self, path):
        return self.site / path

    def above(self, path):
        # What was planted between two runs is not what kerb has changed.
        self.before = None
        self.at(path).parent.mkdir(parents=True, exist_ok=True)
        return self.at(path)

    def write(self, path, data=b"", mode=0o644):
        place = self.above(path)
        self.remove(path)
        place.write_bytes(data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data)
        place.chmod(mode)
        return place

    def add(self, path, data):
        """Appends to a file."""
        with open(self.above(path), "ab") as file:
            file.write(data.encode() if isinstance(data, str) else data)

    def remove(self, path):
        self.before = None
        place = self.at(path)
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        elif place.is_symlink() or place.exists():
            place.unlink()

    def link(self, path, target):
        self.above(path)
        self.remove(path)
        os.symlink(target, self.at(path))

    def folder(self, path):
        self.at(path).mkdir(parents=True, exist_ok=True)
        return self.at(path)

    def fifo(self, path):
        self.above(path)
        self.remove(path)
        os.mkfifo(self.at(path))

    def hole(self, path, size=3 << 30):
        """A file that says it is large and takes no space."""
        self.write(path)
        hole(self.at(path), size)

    def move_out(self, path, is_folder=True):
        """Puts what is at a path outside the workspace, and a link to it in its place."""
        moved = self.outside / "moved"
        moved.mkdir(exist_ok=True)
        target = moved / pathlib.Path(path).name
        if self.at(path).exists():
            shutil.move(self.at(path), target)
        elif is_folder:
            target.mkdir()
        else:
            target.write_text("somebody's\n")
        self.link(path, target)
        return target

    def store(self, path=".kerb/upstream/demo.git"):
        """The repository of the project's upstream; made where there is none."""
        if not self.at(path).exists():
            good.copy(self.base / "store.git", self.above(path))
        return path

    def config(self, key, value, file=None):
        """Sets a key of a git configuration file, by text, so that no git judges it."""
        section, _, name = key.rpartition(".")
        section, _, sub = section.partition(".")
        head = f'[{section} "{sub}"]' if sub else f"[{section}]"
        quoted = str(value).replace("\\", "\\\\").replace('"', '\\"')
        self.add(file or f"{self.store()}/config", f'{head}\n\t{name} = "{quoted}"\n')

    def lock(self, commit=None, tree=None, source="git:stable/2024.1", digest=""):
        names = {"locked": commit or self.names["locked"], "tree": tree or self.names["tree"]}
        self.write("series/upstream.lock", good.lock_line(names, source, digest))

    def lock_unknown(self):
        """The lock names a commit that is nowhere, so that fetch has to ask for it."""
        self.lock("b" * 40, "c" * 40)

    def conflict(self):
        """The end of upstream's branch changes the line that the patch changes."""
        self.upstream().reference("refs/heads/stable/2024.1", self.names["conflicting"])

    def upstream(self):
        return Objects(self.up)
