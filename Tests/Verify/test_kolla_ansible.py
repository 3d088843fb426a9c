"""Tests of the proof of Kolla-Ansible on trees that are broken on purpose. They need what `kerb exec --verify
kolla-ansible` makes: a patched tree, and an environment with Ansible."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).parent
WORKSPACE = HERE.parent.parent
# Each judges the tree in its working directory, and prints a list of what is wrong.
READABLE = "import wellformed; print(json.dumps(wellformed.of_tree(Path.cwd(), {Path(sys.argv[3])})[1]))"
PASSWORDS = """
import playbook_checks
print(json.dumps(playbook_checks.syntax(Path.cwd(), environment.upstream())[1]))
"""
# As the whole proof, with less to render.
RENDERED = """
import rendered_files, rendering, spice_cases
spice_cases.BASELINE = {"spice": spice_cases.SPICE}
spice_cases.PATCHED = {name: spice_cases.PATCHED[name] for name in ("concurrent", "kerbside")}
spice_cases.SPELLED = ()
spice_cases.CELLS = ("spice",)
rendered_files.COMMON = ("kerbside",)
rendering.SEVERAL = ()
try:
    problems = rendered_files.judge(Path.cwd(), Path(sys.argv[2]), environment.upstream())[1]
except rendering.Failed as error:
    problems = [str(error)]
print(json.dumps(problems))
"""
NOVA = """
import nova_options
text = "[spice]\\nenabled = yes\\nallow_concurent = true\\njpeg_compression = sometimes\\n"
source = '''
from oslo_config import cfg
spice_opts = [cfg.BoolOpt("enabled"), cfg.BoolOpt("allow_concurrent"),
              cfg.StrOpt("jpeg_compression", choices=["auto", "never"])]
'''
names = {"enabled", "allow_concurent", "jpeg_compression"}
print(json.dumps(nova_options.read(text, names, source)))
"""
PREFIX = ("import json, sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]);"
          "import environment\n")


def made():
    """The newest release that has a patched tree and an environment."""
    for release in ("2024.1", "2023.2", "2023.1", "master"):
        tree = WORKSPACE / ".kerb/exec" / release / "kolla-ansible"
        python = WORKSPACE / ".kerb/venv" / f"kolla-ansible-{release}" / "bin/python"
        if tree.exists() and python.exists():
            return release, tree, python
    return None


@unittest.skipUnless(made(), "kerb exec --verify 2024.1/kolla-ansible makes what these need")
class BrokenTreeTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.release, tree, self.python = made()
        self.tree = self.folder / "tree"
        subprocess.run(["git", "clone", "-q", "--shared", tree, self.tree], check=True,
                       capture_output=True)

    def change(self, path, old, new):
        """Replaces a text that a file has."""
        text = (self.tree / path).read_text()
        self.assertIn(old, text)
        (self.tree / path).write_text(text.replace(old, new))

    def judge(self, program, path=""):
        """What the proof finds."""
        run = subprocess.run(
            [self.python, "-B", "-c", PREFIX + program, HERE, self.folder / "scratch", path],
            cwd=self.tree, text=True, check=True, stdout=subprocess.PIPE,
            env={**os.environ, "KERB_WORKSPACE": str(WORKSPACE), "KERB_RELEASE": self.release,
                 "KERB_PROJECT": "kolla-ansible"})
        return json.loads(run.stdout.splitlines()[-1])

    def test_a_tree_as_it_is(self):
        self.assertEqual([], self.judge(RENDERED))
        self.assertEqual([], self.judge(PASSWORDS))

    def test_a_template_that_does_not_end(self):
        path = "ansible/roles/nova-cell/templates/qemu.conf.j2"
        self.change(path, "{% endif %}", "")
        problems = self.judge(READABLE)
        self.assertEqual(1, len(problems))
        self.assertIn(path, problems[0])

    def test_an_expression_in_a_task_that_does_not_end(self):
        path = "ansible/roles/kerbside/tasks/deploy.yml"
        with (self.tree / path).open("a") as file:
            file.write('\n- debug:\n    msg: "{{ broken "\n')
        self.assertIn(path, self.judge(READABLE)[0])

    def test_a_key_that_is_there_twice(self):
        path = "ansible/roles/kerbside/vars/main.yml"
        with (self.tree / path).open("a") as file:
            file.write('project_name: "other"\n')
        self.assertIn("the key project_name is there twice", self.judge(READABLE)[0])

    def test_a_release_note_with_a_section_that_reno_does_not_know(self):
        path = "releasenotes/notes/spice-debug-logging-95a0c2e4d8f17b36.yaml"
        self.change(path, "features:", "feature:")
        self.assertEqual(1, len(self.judge(READABLE, path)))

    def test_a_default_that_is_missing(self):
        for path in (self.tree / "ansible/group_vars").rglob("*.yml"):
            lines = path.read_text().splitlines(keepends=True)
            path.write_text("".join(
                line for line in lines if not line.startswith("nova_spice_allow_concurrent:")))
        self.assertIn("nova_spice_allow_concurrent", self.judge(RENDERED)[0])

    def test_an_option_that_nova_does_not_have(self):
        self.change("ansible/roles/nova-cell/templates/nova.conf.j2",
                    "allow_concurrent =", "allow_concurent =")
        self.assertIn("concurrent: nova.conf: Nova has no [spice] allow_concurent",
                      self.judge(RENDERED))

    def test_a_comparison_with_a_word(self):
        self.change("ansible/roles/nova-cell/templates/nova.conf.j2",
                    "{{ nova_spice_allow_concurrent | bool }}",
                    "{{ nova_spice_allow_concurrent == 'True' }}")
        self.assertTrue(any(line.startswith("concurrent: nova.conf [spice] allow_concurrent: False")
                            for line in self.judge(RENDERED)))

    def test_a_template_that_no_proof_renders(self):
        path = "ansible/roles/nova/templates/new.conf.j2"
        (self.tree / path).write_text("a = 1\n")
        subprocess.run(["git", "add", path], cwd=self.tree, check=True)
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm",
                        "more"], cwd=self.tree, check=True)
        self.assertIn(f"{path}: no proof renders it", self.judge(RENDERED))

    def test_a_password_and_a_group_that_are_missing(self):
        self.change("etc/kolla/passwords.yml", "kerbside_auth_secret_seed:\n", "")
        self.change("ansible/inventory/multinode", "[kerbside-proxy:children]\nkerbside\n", "")
        self.assertEqual(
            {"passwords.yml lacks kerbside_auth_secret_seed",
             "inventory multinode: the group kerbside-proxy has no hosts"},
            set(self.judge(PASSWORDS)))

    def test_a_task_that_does_not_exist(self):
        self.change("ansible/roles/kerbside/tasks/main.yml", "include_tasks", "include_task")
        self.assertEqual(2, len(self.judge(PASSWORDS)))

    def test_what_nova_makes_of_its_options(self):
        values, problems = self.judge(NOVA)
        self.assertEqual({"enabled": True}, values)
        self.assertEqual("nova.conf: Nova has no [spice] allow_concurent", problems[0])
        self.assertIn("jpeg_compression", problems[1])


if __name__ == "__main__":
    unittest.main()
