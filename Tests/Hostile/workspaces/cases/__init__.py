"""The cases. A function that plants something into a `World` is one; its docstring names the threat."""

import dataclasses
import typing

PULL_REQUEST, CACHE, ARTIFACT = "pull request", "cache", "artifact"
UPSTREAM, SURROUNDINGS = "upstream", "surroundings"
# Short forms at the end of a case's name.
ENDINGS = {
    PULL_REQUEST: "pr",
    CACHE: "cache",
    ARTIFACT: "artifact",
    UPSTREAM: "upstream",
    SURROUNDINGS: "env",
}
ALL = []


@dataclasses.dataclass
class Case:
    name: str
    way: str
    sentence: str
    plant: typing.Callable
    as_root: bool = False
    # A word that has to be among the problems: the case shows that the harness sees them.
    must_see: str = ""
    only_traced: bool = False
    # The clone has to track what is kerb's own: the case is about nothing else.
    is_tracked: bool = False


def case(*ways, **options):
    """Makes a function a case for each way in which its files can come."""

    def register(function):
        stem = function.__name__.replace("_", "-")
        add(stem, ways, " ".join(function.__doc__.split()), function, **options)
        return function

    return register


def add(stem, ways, sentence, function, *arguments, **options):
    """A case of a table: the function gets the world and the arguments."""
    for way in ways:
        name = stem if len(ways) == 1 else f"{stem}-{ENDINGS[way]}"
        if any(c.name == name for c in ALL):
            raise ValueError(f"two cases {name}")
        plant = (lambda w, f=function, a=arguments: f(w, *a)) if arguments else function
        ALL.append(Case(name, way, sentence, plant, **options))


def load():
    """All cases, in the order of the files' names."""
    import importlib
    import pathlib

    for file in sorted(pathlib.Path(__file__).parent.glob("[a-z]*.py")):
        importlib.import_module(f"cases.{file.stem}")
    return ALL
