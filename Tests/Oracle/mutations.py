"""Ways to damage a patch, each a function of the patch and dice.

A mutation changes the patch in place. It returns False when the patch has nothing that it could
change; the caller then takes another.
"""

import re
from dataclasses import dataclass, field

HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@(.*)", re.DOTALL)


def span(first, count):
    return b"%d" % first if count == 1 else b"%d,%d" % (first, count)


@dataclass
class Hunk:
    """`old` and `new` are the stated first lines. `section` is what follows the second `@@`, with
    its line end. Counts are not kept: they follow from the lines."""
    old: int
    new: int
    section: bytes
    lines: list

    def count(self, signs):
        return sum(line[:1] in signs for line in self.lines)

    def __bytes__(self):
        old, new = (self.count((b" ", b"\n", b"\r", sign)) for sign in (b"-", b"+"))
        head = b"@@ -%s +%s @@" % (span(self.old, old), span(self.new, new))
        return head + self.section + b"".join(self.lines)

    def context(self):
        return [at for at, line in enumerate(self.lines)
                if line[:1] == b" " and self.lines[at + 1:at + 2] != [NO_NEWLINE]]


NO_NEWLINE = b"\\ No newline at end of file\n"


@dataclass
class File:
    header: list
    hunks: list = field(default_factory=list)

    def __bytes__(self):
        return b"".join(self.header) + b"".join(bytes(hunk) for hunk in self.hunks)


class Patch:
    """A patch in pieces. `bytes(patch)` puts them together, through `finish` at the end."""

    def __init__(self, text):
        lines = [line + b"\n" for line in text.split(b"\n")[:-1]]
        self.message, self.files, self.finish = [], [], []
        at = 0
        while at < len(lines):
            line = lines[at]
            found = HUNK.fullmatch(line) if self.files else None
            if line.startswith(b"diff --git "):
                self.files.append(File([line]))
            elif found:
                at = self.read_hunk(found, lines, at + 1)
                continue
            else:
                (self.files[-1].header if self.files else self.message).append(line)
            at += 1

    def read_hunk(self, found, lines, at):
        old, new = (int(found[group] or 1) for group in (2, 4))
        hunk = Hunk(int(found[1]), int(found[3]), found[5], [])
        while old > 0 or new > 0 or lines[at:at + 1] == [NO_NEWLINE]:
            line = lines[at]
            old -= line[:1] in (b" ", b"-")
            new -= line[:1] in (b" ", b"+")
            hunk.lines.append(line)
            at += 1
        self.files[-1].hunks.append(hunk)
        return at

    def __bytes__(self):
        text = b"".join(self.message) + b"".join(bytes(file) for file in self.files)
        for change in self.finish:
            text = change(text)
        return text

    def hunks(self):
        return [hunk for file in self.files for hunk in file.hunks]


def some(items, dice):
    """All of them, or one."""
    return items if dice.random() < 0.3 else [dice.choice(items)] if items else []


def shift_numbers(patch, dice):
    """Stated line numbers off by a little or by a lot, alike on both sides or on one only."""
    for hunk in some(patch.hunks(), dice):
        by = dice.choice([-1, 1]) * dice.choice([1, 2, 3, 7, 40, 1000])
        side = dice.choice(["both", "both", "both", "old", "new"])
        if side != "new":
            hunk.old = max(hunk.old + by, 1)
        if side != "old":
            hunk.new = max(hunk.new + by, 1)
    return bool(patch.hunks())


def trim_context(patch, dice):
    """Fewer lines of context before the change, after it, or both."""
    changed = False
    for hunk in some(patch.hunks(), dice):
        before, after = dice.choice(
            [(1, 0), (2, 0), (3, 0), (0, 1), (0, 2), (0, 3), (1, 1), (3, 3)])
        while before and hunk.lines and hunk.lines[0][:1] == b" ":
            del hunk.lines[0]
            hunk.old, hunk.new = hunk.old + 1, hunk.new + 1
            before, changed = before - 1, True
        while after and hunk.lines and hunk.lines[-1][:1] == b" ":
            del hunk.lines[-1]
            after, changed = after - 1, True
    return changed


def edit_context(patch, dice):
    """A line of context gone, added, or different, so that the hunk fits nowhere or elsewhere."""
    hunks = [hunk for hunk in patch.hunks() if hunk.context()]
    for hunk in some(hunks, dice):
        at = dice.choice(hunk.context())
        match dice.choice(["delete", "insert", "repeat", "change"]):
            case "delete":
                del hunk.lines[at]
            case "insert":
                hunk.lines.insert(at, b" a line that is nowhere\n")
            case "repeat":
                hunk.lines.insert(at, hunk.lines[at])
            case "change":
                hunk.lines[at] = hunk.lines[at].rstrip(b"\n") + b" \n"
    return bool(hunks)


def strip_blank_context(patch, dice):
    """Empty context lines without their space, as editors and mail programs leave them."""
    changed = False
    for hunk in patch.hunks():
        changed = changed or b" \n" in hunk.lines
        hunk.lines = [b"\n" if line == b" \n" else line for line in hunk.lines]
    return changed


def carriage_returns_in_hunks(patch, dice):
    hunks = patch.hunks()
    for hunk in some(hunks, dice):
        hunk.lines = [line[:-1] + b"\r\n" if line != NO_NEWLINE else line for line in hunk.lines]
    return bool(hunks)


def carriage_returns_everywhere(patch, dice):
    patch.finish.append(lambda text: text.replace(b"\n", b"\r\n"))
    return True


def drop_hunk(patch, dice):
    files = [file for file in patch.files if file.hunks]
    for file in files[:1] and [dice.choice(files)]:
        file.hunks.pop(dice.randrange(len(file.hunks)))
    return bool(files)


def repeat_hunk(patch, dice):
    files = [file for file in patch.files if file.hunks]
    for file in files[:1] and [dice.choice(files)]:
        at = dice.randrange(len(file.hunks))
        file.hunks.insert(dice.choice([at, len(file.hunks)]), file.hunks[at])
    return bool(files)


def swap_hunks(patch, dice):
    files = [file for file in patch.files if len(file.hunks) > 1]
    for file in files[:1] and [dice.choice(files)]:
        at = dice.randrange(len(file.hunks) - 1)
        file.hunks[at:at + 2] = reversed(file.hunks[at:at + 2])
    return bool(files)


def swap_files(patch, dice):
    dice.shuffle(patch.files)
    return len(patch.files) > 1


def repeat_file(patch, dice):
    patch.files.append(dice.choice(patch.files))
    return True


def drop_final_newline(patch, dice):
    patch.finish.append(lambda text: text[:-1])
    return True


def drop_message(patch, dice):
    patch.message = []
    return True


def wrong_count(patch, dice):
    """A hunk header that promises a line more or less than there is."""
    hunks = patch.hunks()
    if not hunks:
        return False
    head, by = re.escape(bytes(dice.choice(hunks)).split(b"@@")[1]), dice.choice([-1, 1])
    group = dice.choice([1, 2])

    def change(text):
        found = re.search(rb"@@" + head + rb"@@", text)
        counts = found and re.fullmatch(rb"@@ -\d+,(\d+) \+\d+,(\d+) @@", found[0])
        if not counts:
            return text
        low, high = (found.start() + edge for edge in counts.span(group))
        return text[:low] + b"%d" % max(int(text[low:high]) + by, 0) + text[high:]

    patch.finish.append(change)
    return True


def append_text(patch, dice):
    """Text after the last hunk: a mail signature, an empty line, a stray line of context."""
    tail = dice.choice(
        [b"-- \n2.39.5\n\n", b"\n", b"\n\n", b" one more\n", b"+one more\n", b"text\n"])
    patch.finish.append(lambda text: text + tail)
    return True


def no_index_lines(patch, dice):
    """Without preimage names there is no three-way merge: the hunks must fit. Binary files keep
    theirs, which git needs."""
    changed = False
    for file in patch.files:
        if b"GIT binary patch\n" not in file.header:
            kept = [line for line in file.header if not line.startswith(b"index ")
                    or not file.hunks and b"..." in line]
            changed, file.header = changed or kept != file.header, kept
    return changed


def short_index_lines(patch, dice):
    for file in patch.files:
        if b"GIT binary patch\n" not in file.header:
            file.header = [re.sub(rb"^index (.{8}).*?\.\.(.{8})[0-9a-f]*", rb"index \1..\2", line)
                           for line in file.header]
    return True


MUTATIONS = [
    shift_numbers, trim_context, edit_context, strip_blank_context, carriage_returns_in_hunks,
    carriage_returns_everywhere, drop_hunk, repeat_hunk, swap_hunks, swap_files, repeat_file,
    drop_final_newline, drop_message, wrong_count, append_text, short_index_lines,
]
