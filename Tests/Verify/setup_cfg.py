"""The two forms of setup.cfg. setuptools writes that file anew when it makes a released archive: tabs for
the blanks that git has, a blank after a "=" that ends its line, no comments. So a patch of it that is
made for the archive fits nowhere in git, and a three-way merge finds that every line has changed.

    setup_cfg.py PATCH    prints the patch as it fits a tree from git

Nothing but the white space of lines of setup.cfg is other in it, and the index line is gone, which names
the archive's file."""

import configparser
import re
import sys
from pathlib import Path


def git_form(patch):
    """A patch for an archive as bytes, as it fits a tree from git; the same bytes if it has no section
    for setup.cfg."""
    sections = re.split(rb"^(?=diff --git )", patch, flags=re.MULTILINE)
    return b"".join(map(_git_section, sections))


def _git_section(section):
    if not section.startswith(b"diff --git a/setup.cfg b/setup.cfg\n"):
        return section
    head, mark, hunks = section.partition(b"\n@@")
    head = re.sub(rb"^index .*\n", b"", head, flags=re.MULTILINE)
    return head + mark + b"\n".join(map(_git_line, hunks.split(b"\n")))


def _git_line(line):
    if line[:1] not in (b" ", b"+", b"-"):
        return line
    return line[:1] + re.sub(rb"^\t", b"    ", line[1:]).rstrip()


def values(text):
    """What a setup.cfg says, whatever its form: the lines of each key of each section."""
    parser = configparser.RawConfigParser(delimiters=["="], strict=False)
    parser.optionxform = str
    parser.read_string(text)
    return {(name, key): [line.strip() for line in value.splitlines() if line.strip()]
            for name in parser.sections() for key, value in parser.items(name)}


def added(before, after):
    """What one setup.cfg says that another does not, as (section, key, line)."""
    old = values(before)
    return sorted((*place, line) for place, lines in values(after).items()
                  for line in lines if line not in old.get(place, []))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.stdout.buffer.write(git_form(Path(sys.argv[1]).read_bytes()))
