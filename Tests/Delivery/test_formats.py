"""What kerb prints for CI is read by its consumers as it was meant, whatever a patch holds.

Run by `make delivery`; KERB names the program.
"""

import html.parser
import json
import pathlib
import re
import tempfile
import unittest

import junitparser
import sarif.loader
import sarif_pydantic
from markdown_it import MarkdownIt

from hostile import Workspace

# Characters that act: controls but tab and newline, and what Unicode calls format characters.
ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def runner_commands(text):
    """The commands that GitHub's runner finds in a log, by the rules of ActionCommand.cs: `::name …::` after
    white space at the start of a line, else `##[name …]` anywhere in it."""
    found = []
    for line in text.split("\n"):
        new = re.match(r"\s*::([a-zA-Z-]+)( [^\n]*?)?::(.*)", line)
        if new:
            properties = dict(
                part.split("=", 1) for part in (new[2] or "").strip().split(",") if "=" in part)
            found.append((new[1], {k: unescape(v) for k, v in properties.items()}, unescape(new[3])))
        elif re.search(r"##\[[a-zA-Z-]+", line) or re.search(r"##[a-z]+\[", line):
            found.append(("old", {}, line))
    return found


def unescape(text):
    for code, character in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, character)
    return text


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = set()
        self.attributes = set()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}


class Formats(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.work = Workspace(pathlib.Path(cls.folder.name).resolve())
        cls.findings = {}
        for command in ("check", "lint"):
            output = json.loads(cls.work.kerb(command, "--json").stdout)
            cls.findings[command] = (
                output["findings"] if command == "lint"
                else [finding for stack in output["stacks"] for finding in stack["findings"]])

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def output(self, command, form):
        outcome = self.work.kerb(command, "--format", form)
        self.assertEqual(outcome.returncode, 1, outcome.stderr)
        return outcome.stdout.decode()

    def test_there_is_something_to_find(self):
        self.assertEqual([f["rule"] for f in self.findings["check"]], ["hunk-no-match", "blocked"])
        self.assertGreater(len(self.findings["lint"]), 6)

    def test_github_sees_one_command_a_finding_and_no_other(self):
        for command in ("check", "lint"):
            text = self.output(command, "github")
            self.assertIsNone(ACTS.search(text), command)
            commands = runner_commands(text)
            self.assertEqual({name for name, _, _ in commands} - {"error", "warning"}, set())
            self.assertEqual(len(commands), len(self.findings[command]))
            for (name, properties, message), finding in zip(commands, self.findings[command]):
                self.assertEqual(name, finding["severity"])
                self.assertEqual(properties["title"], finding["rule"])
                self.assertEqual(properties.get("line"), finding.get("line") and str(finding["line"]))
                self.assertEqual(set(properties) - {"file", "line", "title"}, set())
                self.assertNotIn("\n", message)

    def test_no_other_output_holds_a_command(self):
        for status, arguments in (
            (1, ["check"]), (1, ["check", "--json"]), (1, ["lint"]), (0, ["landed"]), (0, ["status"]), (0, ["report"]),
            (0, ["show", "master/demo", "1"]), (0, ["show", "master/demo", "2"]), (0, ["files", "master/demo"]),
            (0, ["files", "master/demo", "bad"]), (1, ["annotate", "master/demo", "plain"]),
            (1, ["check", "--format", "junit"]), (1, ["check", "--format", "sarif"]),
            (1, ["lint", "--format", "gitlab"]), (1, ["graph", "master/demo"]), (0, ["series", "master/demo"]),
            (1, ["apply", "demo"]),
        ):
            outcome = self.work.kerb(*arguments)
            self.assertEqual(outcome.returncode, status, (arguments, outcome.stderr))
            self.assertNotEqual(outcome.stdout.strip(), b"", arguments)
            for text in (outcome.stdout.decode(), outcome.stderr.decode()):
                self.assertEqual(runner_commands(text), [], arguments)
                self.assertIsNone(ACTS.search(text), arguments)

    def test_gitlab_reads_a_list_of_findings(self):
        for command in ("check", "lint"):
            found = json.loads(self.output(command, "gitlab"))
            self.assertEqual(len(found), len(self.findings[command]))
            self.assertEqual(len({one["fingerprint"] for one in found}), len(found))
            for one, finding in zip(found, self.findings[command]):
                # The fields that GitLab asks for, and nothing else that it might read otherwise.
                self.assertEqual(
                    set(one), {"description", "check_name", "fingerprint", "severity", "location"})
                self.assertIn(one["severity"], {"info", "minor", "major", "critical", "blocker"})
                self.assertEqual(one["check_name"], finding["rule"])
                self.assertEqual(one["location"]["lines"]["begin"], finding.get("line", 1))
                self.assertRegex(one["fingerprint"], "^[0-9a-f]{32}$")
                self.assertFalse(one["location"]["path"].startswith(("/", "./")))
                self.assertIsNone(ACTS.search(one["description"] + one["location"]["path"]))

    def test_junitparser_counts_the_same(self):
        report = junitparser.JUnitXml.fromstring(self.output("check", "junit").encode())
        suites = list(report)
        self.assertEqual([suite.name for suite in suites], ["master/demo"])
        cases = list(suites[0])
        self.assertEqual(suites[0].tests, len(cases))
        self.assertEqual(suites[0].failures, 2)
        failed = [case for case in cases if any(isinstance(r, junitparser.Failure) for r in case.result)]
        self.assertEqual([case.name for case in failed], ["patches/demo/bad.patch", "patches/demo/blocked.patch"])
        self.assertEqual([r.type for case in failed for r in case.result], ["hunk-no-match", "blocked"])
        for case in failed:
            self.assertIn("<img src=x>", case.result[0].message)
        lint = junitparser.JUnitXml.fromstring(self.output("lint", "junit").encode())
        failures = [r for suite in lint for case in suite for r in case.result]
        self.assertEqual(len(failures), len(self.findings["lint"]))

    def test_sarif_is_of_its_schema_and_sarif_tools_read_it(self):
        for command in ("check", "lint"):
            text = self.output(command, "sarif")
            model = sarif_pydantic.Sarif.model_validate_json(text)
            results = model.runs[0].results
            self.assertEqual(len(results), len(self.findings[command]))
            rules = [rule.id for rule in model.runs[0].tool.driver.rules]
            for result, finding in zip(results, self.findings[command]):
                self.assertEqual(rules[result.rule_index], result.rule_id)
                self.assertEqual(result.rule_id, finding["rule"])
                uri = result.locations[0].physical_location.artifact_location.uri
                self.assertRegex(uri, r"^[A-Za-z0-9._~/%-]+$")
                self.assertIsNone(ACTS.search(result.message.text))
            path = pathlib.Path(self.folder.name) / f"{command}.sarif"
            path.write_text(text)
            records = sarif.loader.load_sarif_file(str(path)).get_records()
            self.assertEqual(
                sorted(record["Code"] for record in records),
                sorted(finding["rule"] for finding in self.findings[command]))

    def test_the_summary_is_a_table_and_nothing_else(self):
        file = pathlib.Path(self.folder.name) / "summary.md"
        file.unlink(missing_ok=True)
        self.work.kerb("check", "--summary", str(file))
        self.work.kerb("lint", "--format", "github", environment={"GITHUB_STEP_SUMMARY": str(file)})
        text = file.read_text()
        self.assertIsNone(ACTS.search(text))
        page = MarkdownIt("gfm-like", {"html": True}).render(text)
        tags = Tags()
        tags.feed(page)
        self.assertEqual(
            tags.tags - {"a"}, {"h2", "p", "table", "thead", "tbody", "tr", "th", "td", "code"})
        # Autolinks of plain addresses are links that show where they go.
        self.assertEqual(tags.attributes - {"href", "style"}, set())
        self.assertEqual(re.findall('href="(?!https?://)', page), [])
        rows = page.count("<tr>")
        self.assertEqual(rows, 4 + 1 + 2 + len(self.findings["check"]) + len(self.findings["lint"]))

    def test_a_summary_that_cannot_be_written_is_said(self):
        outcome = self.work.kerb("check", "--summary", "/nonexistent/x")
        self.assertEqual(outcome.returncode, 2)
        self.assertIn(b"/nonexistent/x", outcome.stderr)


if __name__ == "__main__":
    unittest.main()
