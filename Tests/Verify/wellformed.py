"""Whether the files of a tree of Kolla-Ansible can be read: YAML as YAML, templates as Jinja, release notes
as reno takes them."""

from pathlib import Path

import jinja2
import yaml

# What reno knows, https://docs.openstack.org/reno/latest/user/usage.html
NOTES = {"prelude", "features", "issues", "upgrade", "deprecations", "critical", "security", "fixes",
         "other"}
SKIPPED = {".git", ".tox", "node_modules"}


class Loader(yaml.SafeLoader):
    """Knows Ansible's tags, and refuses a key that is there twice."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value:
            text = getattr(key, "value", None)
            if key.tag != "tag:yaml.org,2002:merge" and isinstance(text, str):
                if text in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {text} is there twice", key.start_mark)
                seen.add(text)
        return super().construct_mapping(node, deep)


def _any(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, True)
    return loader.construct_mapping(node, True)


Loader.add_multi_constructor("!", _any)
JINJA = jinja2.Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])


def kind(path):
    """ "yaml", "jinja", "note" or None, by the file's name; a YAML file that is a template is one."""
    if path.suffix == ".j2":
        return "jinja"
    if path.suffix in (".yml", ".yaml"):
        return "note" if "releasenotes" in path.parts and "notes" in path.parts else "yaml"
    return None


def problem(path, is_ours=True):
    """Why a file cannot be read, with its name, or None. Notes of upstream's own are not all as reno wants
    them."""
    what = kind(Path(path))
    try:
        if what == "jinja":
            JINJA.parse(Path(path).read_text())
        elif what:
            for document in yaml.load_all(Path(path).read_text(), Loader):
                if what == "note" and is_ours:
                    _check_note(document)
                else:
                    _check_expressions(document)
    except (yaml.YAMLError, jinja2.TemplateError, UnicodeDecodeError, ValueError) as error:
        line = f":{error.lineno}" if isinstance(error, jinja2.TemplateSyntaxError) else ""
        return f"{path}{line}: {' '.join(str(error).split())}"
    return None


def _check_note(document):
    if not isinstance(document, dict) or not document:
        raise ValueError("a release note is a mapping")
    for section, entries in document.items():
        if section not in NOTES:
            raise ValueError(f"release notes have no section {section}")
        texts = [entries] if section == "prelude" else entries
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise ValueError(f"{section} is not a list of texts")


def _check_expressions(value):
    """Parses the Jinja in the texts of a YAML document."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("when", "changed_when", "failed_when", "until", "that"):
                for condition in item if isinstance(item, list) else [item]:
                    if isinstance(condition, str) and "{{" not in condition:
                        JINJA.parse("{{ " + condition + " }}")
            _check_expressions(item)
    elif isinstance(value, list):
        for item in value:
            _check_expressions(item)
    elif isinstance(value, str) and ("{{" in value or "{%" in value):
        JINJA.parse(value)


def of_tree(tree, ours):
    """How many files were read, and what is wrong.

    Args:
        ours: the files that the stack adds or changes, as paths in the tree."""
    paths = [path for path in sorted(Path(tree).rglob("*"))
             if path.is_file() and SKIPPED.isdisjoint(path.relative_to(tree).parts)
             and kind(path.relative_to(tree))]
    found = [problem(path, path.relative_to(tree) in ours) for path in paths]
    return len(paths), [text for text in found if text]
