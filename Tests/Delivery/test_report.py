"""The page of `kerb report --html` in a browser: it loads nothing, is readable at any width, in light and dark,
by keyboard and by screen reader, and nothing that a patch holds acts in it.

Needs Chromium. With SCREENSHOTS=FOLDER in the environment, pictures are kept there to be looked at."""

import html.parser
import os
import pathlib
import re
import subprocess
import tempfile
import time
import unittest

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from hostile import ENVIRONMENT, KERB, Workspace, git

SCREENSHOTS = os.environ.get("SCREENSHOTS")
CHROMIUM = "/usr/bin/chromium"


def conflicting(folder):
    """A workspace with a stack that is good, and one that meets a conflict and stands on a renamed upstream."""
    upstream, clone, work = folder / "upstream", folder / "clone", folder / "work"
    upstream.mkdir()
    git(upstream, "init", "-q", "-b", "master")
    (upstream / "list.txt").write_text("one\ntwo\nthree\nfour\nfive\nsix\n")
    git(upstream, "add", ".")
    git(upstream, "commit", "-q", "-m", "lists")

    def kerb(*arguments):
        subprocess.run([str(KERB), *arguments], cwd=work, env=ENVIRONMENT, check=True, capture_output=True)

    work.mkdir()
    kerb("init", "--project", "demo", "--git", "https://example.org/demo.git", "--release", "2024.1",
         "--release", "master", ".")
    git(folder, "clone", "-q", str(upstream), str(clone))
    for number, (old, new) in enumerate((("three", "THREE <b>"), ("four", "FOUR"), ("six", "SIX"))):
        file = clone / "list.txt"
        file.write_text(file.read_text().replace(old, new))
        git(clone, "commit", "-q", "-a", "-m", f"list: say {old} louder",
            "-m", "Nobody heard it." if number else "Upstream: https://review.example.org/c/demo/+/1")
    git(clone, "format-patch", "-q", "--zero-commit", "--full-index", "--no-signature", "--no-stat", "-N", "-3",
        "-o", str(work / "patches" / "demo"))
    listed = "".join(f"demo/{file.name}\n" for file in sorted((work / "patches" / "demo").iterdir()))
    for release in ("2024.1", "master"):
        series = work / "series" / release
        series.write_text(series.read_text() + listed)
    git(upstream, "branch", "stable/2024.1")
    kerb("fetch", "--from", str(upstream))
    (upstream / "list.txt").write_text("one\n2\nthree\nfour\nfive\nsix\n")
    git(upstream, "commit", "-q", "-a", "-m", "two is 2")
    kerb("fetch", "--update", "--from", str(upstream))
    return work


class Elements(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.elements = []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))


class ReportPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.scratch.name).resolve()
        cls.work = conflicting(cls.folder)
        cls.page = cls.folder / "report.html"
        cls.report(cls.work, cls.page)
        cls.playwright = sync_playwright().start()
        cls.browser = cls.playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.playwright.stop()
        cls.scratch.cleanup()

    @staticmethod
    def report(work, page, *arguments):
        subprocess.run(
            [str(KERB), "report", "--html", str(page), *arguments], cwd=work, env=ENVIRONMENT, check=True,
            capture_output=True)

    def open(self, page, width=1280, scheme="light"):
        """The page in a browser that notes whatever it asks for and says."""
        tab = self.browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        tab.asked, tab.said = [], []
        tab.on("request", lambda request: tab.asked.append(request.url))
        tab.on("console", lambda message: tab.said.append(message.text))
        tab.on("pageerror", lambda error: tab.said.append(str(error)))
        tab.on("dialog", lambda dialog: (tab.said.append(dialog.message), dialog.dismiss()))
        tab.goto(f"file://{page}")
        return tab

    def test_it_is_accessible_and_fits_in_every_width_and_scheme(self):
        for width in (1280, 390):
            for scheme in ("light", "dark"):
                with self.subTest(width=width, scheme=scheme):
                    tab = self.open(self.page, width, scheme)
                    if SCREENSHOTS:
                        tab.screenshot(path=f"{SCREENSHOTS}/report-{width}-{scheme}.png", full_page=True)
                    tab.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
                    found = Axe().run(tab)
                    self.assertEqual(found.violations_count, 0, found.generate_report())
                    # Nothing sticks out: only the regions that say so scroll sideways.
                    self.assertEqual(tab.evaluate("document.documentElement.scrollWidth"), width)
                    self.assertEqual((tab.asked, tab.said), ([f"file://{self.page}"], []))
                    tab.close()

    def test_a_conflict_stands_side_by_side(self):
        tab = self.open(self.page)
        self.assertEqual(tab.locator("details[open]").count(), 1)
        sides = tab.locator(".sides").first
        self.assertEqual(
            sides.locator("h5").all_inner_texts(), ["upstream, line 2", "before both", "the patch"])
        self.assertEqual(
            [text.rstrip() for text in sides.locator("pre").all_text_contents()],
            ["2\nthree", "two\nthree", "two\nTHREE <b>"])
        boxes = [side.bounding_box() for side in sides.locator("> div").all()]
        self.assertEqual(len({box["y"] for box in boxes}), 1)
        tab.close()
        narrow = self.open(self.page, 390)
        boxes = [side.bounding_box() for side in narrow.locator(".sides").first.locator("> div").all()]
        self.assertEqual(len({box["x"] for box in boxes}), 1)
        narrow.close()

    def test_a_keyboard_reaches_the_patch_of_a_cell(self):
        tab = self.open(self.page)
        tab.keyboard.press("Tab")
        self.assertEqual(tab.evaluate("document.activeElement.textContent"), "Skip to the grid")
        tab.keyboard.press("Enter")
        for _ in range(3):
            tab.keyboard.press("Tab")
        self.assertRegex(tab.evaluate("document.activeElement.className"), "^mark ")
        tab.keyboard.press("Enter")
        target = tab.evaluate("location.hash.slice(1)")
        self.assertTrue(tab.evaluate("id => document.getElementById(id) !== null", target))
        tab.close()

    def test_links_lead_to_the_review(self):
        tab = self.open(self.page)
        link = tab.locator("a[href^=https]").first
        self.assertEqual(link.get_attribute("href"), "https://review.example.org/c/demo/+/1")
        self.assertEqual(link.get_attribute("rel"), "noopener noreferrer")
        tab.close()

    def test_it_prints(self):
        tab = self.open(self.page)
        document = tab.pdf(format="A4")
        self.assertTrue(document.startswith(b"%PDF"))
        tab.close()

    def test_the_second_report_tells_what_has_changed(self):
        page = self.folder / "second.html"
        page.write_bytes(self.page.read_bytes())
        series = self.work / "series" / "master"
        before = series.read_text()
        self.addCleanup(series.write_text, before)
        lines = before.splitlines(keepends=True)
        series.write_text("".join(line for line in lines if "0001" not in line))
        self.report(self.work, page)
        tab = self.open(page)
        changes = tab.locator("section[aria-labelledby=changes] li").all_inner_texts()
        tab.close()
        self.assertIn("master/demo: 0001-list-say-three-louder is gone", changes)
        self.assertIn("master/demo: 0002-list-say-four-louder was blocked, is conflicted", changes)
        once = page.read_bytes()
        self.report(self.work, page, "--check")
        self.report(self.work, page)
        self.assertEqual(once, page.read_bytes())

    def test_nothing_of_a_hostile_workspace_acts(self):
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch).resolve()
            work = Workspace(folder)
            page = folder / "report.html"
            page.write_text('<script type="application/json" id="kerb-report">{"version":1,"stacks":{},'
                            '"changes":["<img src=x onerror=alert(1)>"]}</script>')
            self.report(work.path, page, "--title", "<script>alert(1)</script>")
            text = page.read_text()
            parser = Elements()
            parser.feed(text)
            self.assertEqual({tag for tag, _ in parser.elements} - {
                "html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "h3", "h4", "h5",
                "p", "span", "nav", "ul", "li", "main", "section", "div", "table", "caption", "thead", "tbody",
                "tr", "th", "td", "details", "summary", "br", "code", "pre", "svg", "path", "circle", "text",
                "footer", "script"}, set())
            scripts = [attributes for tag, attributes in parser.elements if tag == "script"]
            self.assertEqual(scripts, [{"type": "application/json", "id": "kerb-report"}])
            names = {name for _, attributes in parser.elements for name in attributes}
            self.assertEqual([name for name in names if name.startswith("on") or name == "src"], [])
            self.assertIsNone(re.search("[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e]", text))
            tab = self.open(page)
            self.assertEqual((tab.asked, tab.said), ([f"file://{page}"], []))
            tab.close()

    def test_a_thousand_patches_are_fast(self):
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch).resolve()
            work, upstream = folder / "work", folder / "upstream"
            upstream.mkdir()
            git(upstream, "init", "-q", "-b", "master")
            for number in range(1000):
                (upstream / f"file-{number}").write_text("one\n")
            git(upstream, "add", ".")
            git(upstream, "commit", "-q", "-m", "first")
            work.mkdir()
            subprocess.run([str(KERB), "init", "--project", "demo", "--git", "https://example.org/demo.git"],
                           cwd=work, env=ENVIRONMENT, check=True, capture_output=True)
            patches = work / "patches" / "demo"
            for number in range(1000):
                (patches / f"patch-{number}.patch").write_text(
                    f"From: A <a@example.org>\nSubject: [PATCH] change {number}\n\nWhy.\n\n"
                    f"--- a/file-{number}\n+++ b/file-{number}\n@@ -1 +1 @@\n-one\n+two\n")
            series = work / "series" / "master"
            series.write_text("".join(f"demo/patch-{number}.patch\n" for number in range(1000)))
            subprocess.run([str(KERB), "fetch", "--from", str(upstream)], cwd=work, env=ENVIRONMENT, check=True,
                           capture_output=True)
            page = folder / "report.html"
            start = time.monotonic()
            self.report(work, page)
            self.assertLess(time.monotonic() - start, 60)
            start = time.monotonic()
            tab = self.open(page)
            tab.locator("details").last.evaluate("one => one.open = true")
            self.assertEqual(tab.locator("table.stack tbody tr").count(), 1000)
            self.assertLess(time.monotonic() - start, 5)
            tab.close()


if __name__ == "__main__":
    unittest.main()
