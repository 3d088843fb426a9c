"""A store whose configuration would run a program, or lead elsewhere."""

import os

import good
from cases import CACHE, PULL_REQUEST, add, case

ADDRESS = "https://127.0.0.1:9/demo"
SSH = ("url.ssh://127.0.0.1:9/.insteadOf", "https://127.0.0.1:9/")
GIT = ("url.git://127.0.0.1:9/.insteadOf", "https://127.0.0.1:9/")
# Name, what it does, pairs of key and value.
NETWORK = [
    (
        "ssh-command",
        "core.sshCommand with an address that becomes ssh",
        [SSH, ("core.sshCommand", "{payload}")],
    ),
    (
        "ssh-by-remote",
        "a remote of the address's own name with ssh",
        [(f"remote.{ADDRESS}.url", "ssh://127.0.0.1:9/demo"), ("core.sshCommand", "{payload}")],
    ),
    ("git-proxy", "core.gitProxy with an address that becomes git", [GIT, ("core.gitProxy", "{payload}")]),
    (
        "remote-helper",
        "a remote's own helper",
        [
            (f"remote.{ADDRESS}.vcs", "ext"),
            (f"remote.{ADDRESS}.url", "{payload} %S"),
            ("protocol.ext.allow", "always"),
        ],
    ),
    (
        "ext-address",
        "an address that becomes ext::",
        [("url.ext::{payload} .insteadOf", "https://127.0.0.1:9/"), ("protocol.ext.allow", "always")],
    ),
    (
        "upload-pack",
        "the other side's program",
        [
            (f"remote.{ADDRESS}.url", "{up}"),
            (f"remote.{ADDRESS}.uploadpack", "{payload}"),
            ("protocol.file.allow", "always"),
        ],
    ),
    (
        "local-address",
        "an address that becomes a folder of this machine",
        [("url.{outside}/private.git.insteadOf", ADDRESS), ("protocol.file.allow", "always")],
    ),
    (
        "promisor",
        "objects that are missing are fetched from a promisor by ssh",
        [
            ("extensions.partialClone", "o"),
            ("remote.o.promisor", "true"),
            ("remote.o.url", "ssh://127.0.0.1:9/demo"),
            ("core.sshCommand", "{payload}"),
            ("core.repositoryFormatVersion", "1"),
        ],
    ),
    (
        "include",
        "an included file of the store with core.sshCommand",
        [("include.path", "more"), SSH],
        ("more", "[core]\n\tsshCommand = {payload}\n"),
    ),
    (
        "include-if",
        "a conditionally included file outside",
        [("includeIf.gitdir:/**.path", "{outside}/more"), SSH],
        ("../../../../outside/more", "[core]\n\tsshCommand = {payload}\n"),
    ),
    (
        "worktree-config",
        "a second configuration file, config.worktree",
        [("extensions.worktreeConfig", "true"), ("core.repositoryFormatVersion", "1"), SSH],
        ("config.worktree", "[core]\n\tsshCommand = {payload}\n"),
    ),
    (
        "alternate-refs",
        "a command that lists refs of an alternate",
        [("core.alternateRefsCommand", "{payload}")],
        ("objects/info/alternates", "{up}/objects\n"),
    ),
    (
        "negotiation",
        "hooks, monitors, pagers, editors, signers and maintenance",
        [
            ("core.hooksPath", "{root}/hooks"),
            ("core.fsmonitor", "{payload}"),
            ("core.pager", "{payload}"),
            ("core.editor", "{payload}"),
            ("sequence.editor", "{payload}"),
            ("gpg.program", "{payload}"),
            ("gpg.ssh.program", "{payload}"),
            ("uploadpack.packObjectsHook", "{payload}"),
            ("fetch.fsckObjects", "true"),
            ("maintenance.strategy", "incremental"),
            ("alias.fetch", "!{payload}"),
            ("alias.ls-remote", "!{payload}"),
            ("pager.fetch", "{payload}"),
            ("trailer.x.command", "{payload}"),
            ("submodule.recurse", "true"),
            ("fetch.recurseSubmodules", "on-demand"),
            ("submodule.demo.update", "!{payload}"),
            ("submodule.active", "."),
            ("receive.procReceiveRefs", "refs"),
        ],
    ),
    (
        "password",
        "helpers that are asked for a password",
        [
            ("credential.helper", "!{payload}"),
            ("credential.https://127.0.0.1:9.helper", "!{payload}"),
            ("core.askPass", "{payload}"),
        ],
    ),
    (
        "bundle",
        "a bundle to begin with",
        [("fetch.bundleURI", "{outside}/private.git"), ("transfer.bundleURI", "true")],
    ),
    (
        "proxy",
        "a proxy for the address",
        [
            ("http.proxy", "http://127.0.0.1:9"),
            (f"remote.{ADDRESS}.proxy", "http://127.0.0.1:9"),
            ("http.sslCAInfo", "{outside}/secret"),
            ("http.sslVerify", "false"),
            ("http.cookieFile", "{outside}/precious"),
            ("http.saveCookies", "true"),
        ],
    ),
]
TREE = [
    (
        "filter",
        "filters of checked-out files",
        [
            ("filter.x.smudge", "{payload}"),
            ("filter.x.clean", "{payload}"),
            ("filter.x.process", "{payload}"),
            ("filter.x.required", "true"),
        ],
        ("info/attributes", "* filter=x\n"),
    ),
    (
        "drivers",
        "diff and merge drivers",
        [
            ("diff.x.command", "{payload}"),
            ("diff.x.textconv", "{payload}"),
            ("diff.external", "{payload}"),
            ("merge.x.driver", "{payload}"),
            ("mergetool.x.cmd", "{payload}"),
            ("merge.tool", "x"),
        ],
        ("info/attributes", "* diff=x merge=x\n"),
    ),
    (
        "attributes-file",
        "a file of attributes outside",
        [
            ("core.attributesFile", "{outside}/secret"),
            ("core.excludesFile", "{outside}/secret"),
            ("mailmap.file", "{outside}/secret"),
        ],
    ),
    ("worktree", "a work tree outside", [("core.worktree", "{outside}/keys"), ("core.bare", "false")]),
    ("shared", "files that everybody can write", [("core.sharedRepository", "0666")]),
    (
        "format",
        "an object format that is not known",
        [
            ("core.repositoryFormatVersion", "99"),
            ("extensions.objectFormat", "evil"),
            ("extensions.refStorage", "evil"),
        ],
    ),
    (
        "precompose",
        "names that are folded, links that are files",
        [
            ("core.ignoreCase", "true"),
            ("core.symlinks", "false"),
            ("core.protectNTFS", "false"),
            ("core.protectHFS", "false"),
            ("core.fileMode", "false"),
        ],
    ),
    (
        "numbers",
        "numbers that are too large",
        [
            ("core.bigFileThreshold", "0"),
            ("core.compression", "99999999999999999999"),
            ("pack.windowMemory", "-1"),
            ("pack.threads", "100000"),
            ("core.deltaBaseCacheLimit", "99999g"),
        ],
    ),
]


# Of these keys, settings that start nothing: they say how files are written, and who somebody is.
PLAIN = {
    "core.bare",
    "core.compression",
    "core.filemode",
    "core.ignorecase",
    "core.repositoryformatversion",
    "core.symlinks",
    "extensions.worktreeconfig",
    "maintenance.strategy",
    "remote.url",
}
NO_SETTING = "is none of the settings that are known to start no program and to lead git nowhere else"


def filled(w, text):
    return text.format(payload=w.payload, outside=w.outside, up=w.up, root=w.root)


def plain(key):
    """The key as messages name it, without what tells one of several from the others."""
    return f"{key.partition('.')[0]}.{key.rpartition('.')[2]}".lower()


def set_keys(w, keys, file=None):
    for key, value in keys:
        w.config(filled(w, key), filled(w, value), file)


def refused_keys(w, keys, file=None):
    """The store is refused with all of its keys, and with each of those alone that could do something."""
    true = w.at(f"{w.store()}/config").read_bytes()
    w.lock_unknown()
    set_keys(w, keys)
    if file:
        w.write(f"{w.store()}/{file[0]}", filled(w, file[1]))
    acting = [k for k in keys if plain(k[0]) not in PLAIN]
    # Alternates are looked at before settings.
    says = "kerb makes none" if file and file[0] == "objects/info/alternates" else NO_SETTING
    for label in ("fetch", "check", "rebase-network"):
        w.run(label, 5, ".kerb/upstream/demo.git/", says)
    if file and not file[0].startswith(".."):
        w.remove(f"{w.store()}/{file[0]}")
    for key, value in acting:
        w.write(f"{w.store()}/config", true)
        set_keys(w, [(key, value)])
        w.run("fetch", 5, ".kerb/upstream/demo.git/config:", f"'{plain(key)}' {NO_SETTING}")


for name, does, *rest in NETWORK + TREE:
    add(f"store-{name}", [CACHE], f"The store's configuration has {does}.", refused_keys, *rest)


def tracked_keys(w, keys):
    set_keys(w, keys)


for name in ("ssh-command", "git-proxy", "local-address"):
    row = next(r for r in NETWORK if r[0] == name)
    add(
        f"store-{name}-pr",
        [PULL_REQUEST],
        f"A tracked store's configuration has {row[1]}.",
        tracked_keys,
        row[2],
        is_tracked=True,
    )


@case(CACHE)
def store_reflog_keys(w):
    """The store's configuration asks for reflogs, with a committer's name that a shell would run."""
    set_keys(w, [("core.logAllRefUpdates", "always"), ("user.name", "$({payload})"), ("user.email", "x")])
    w.then("check apply export rebase undo", 0)


# A work tree has settings of its own, which git makes for sparse checkouts.
SPARSE = [("core.sparseCheckout", "true"), ("core.sparseCheckoutCone", "true")]


def sparse(w, *folders):
    """Takes files at the top and folders only, with git as a user does; returns the work tree's own settings."""
    for words in (["update-index", "-q", "--refresh"], ["sparse-checkout", "set", "--cone", *folders]):
        good.git(w.at("src/2024.1/demo"), *words, home=w.root / "home")
    own = w.at(f"{w.store()}/worktrees/kerb-2024.1/config.worktree")
    if "sparseCheckout" not in own.read_text():
        w.bad("git keeps no settings for the work tree")
    return own


@case(CACHE)
def control_sparse(w):
    """Nothing hostile: somebody has made a work tree sparse with git, and everything is in it: everything works."""
    own = sparse(w, "demo")
    true = own.read_text()
    w.then("check status apply refresh export rebase undo", 0)
    w.after = [lambda w: own.read_text() == true or w.bad("the settings of the work tree are others")]


@case(CACHE)
def control_sparse_without(w):
    """Nothing hostile: a sparse work tree leaves a folder out. That is no deletion, and stays so."""
    sparse(w)
    patch = w.at("patches/demo/one.patch").read_bytes()
    w.then("check status apply refresh export rebase undo", 0)

    def look(w):
        if w.at("patches/demo/one.patch").read_bytes() != patch:
            w.bad("what the work tree leaves out became a deletion in the patch")

    w.after = [look]


@case(CACHE)
def store_sparse(w):
    """The settings that git keeps for a sparse work tree have others among them, which start programs."""
    own = sparse(w)
    true = own.read_text()
    for key, value in (
        ("core.fsmonitor", "{payload}"),
        ("core.hooksPath", "{root}/hooks"),
        ("core.sshCommand", "{payload}"),
        ("core.worktree", "{outside}/keys"),
        ("core.editor", "{payload}"),
        ("core.excludesFile", "{outside}/secret"),
        ("diff.external", "{payload}"),
        ("filter.x.smudge", "{payload}"),
        ("include.path", "{outside}/secret"),
        ("url.ssh://127.0.0.1:9/.insteadOf", "https://127.0.0.1:9/"),
    ):
        own.write_text(true)
        set_keys(w, [(key, value)], own)
        w.run("check", 5, "worktrees/kerb-2024.1/config.worktree:", f"'{plain(key)}' {NO_SETTING}")
    w.run("apply", 5, "worktrees/kerb-2024.1/config.worktree:")
    own.write_text("[core]\n\tx = \\\n")
    w.run("check", 5, "worktrees/kerb-2024.1/config.worktree:2: a line that kerb does not read")
    w.before = None
    own.unlink()
    os.mkfifo(own)
    w.run("check", 5, "worktrees/kerb-2024.1/config.worktree: no regular file")


@case(CACHE)
def store_config_endless(w):
    """The store's configuration is a file of 3 GB without a line, and one of 2 MB."""
    w.hole(f"{w.store()}/config")
    w.refused(".kerb/upstream/demo.git/config: 3221225472 bytes", labels="check fetch apply")
    w.run("check", 5, "3221225472 bytes")
    w.steps = []
    w.write(f"{w.store()}/config", "# x\n" * (1 << 19))
    w.refused(".kerb/upstream/demo.git/config: ", "1048576 is the most", labels="check fetch apply")


@case(CACHE)
def store_config_loop(w):
    """The store's configuration includes itself, and a pipe."""
    w.config("include.path", "config")
    w.run("check", 5, f"'include.path' {NO_SETTING}")
    w.config("include.path", "pipe")
    w.fifo(f"{w.store()}/pipe")
    w.refused(".kerb/upstream/demo.git/pipe: no regular file", labels="check apply fetch")


@case(CACHE)
def journal_config(w):
    """The log's repository has a configuration that runs programs and leads out."""
    w.lived_in()
    file = ".kerb/journal/operations.git/config"
    true = w.at(file).read_bytes()
    for key, value in (
        ("core.hooksPath", "{root}/hooks"),
        ("core.fsmonitor", "{payload}"),
        ("core.sshCommand", "{payload}"),
        ("core.worktree", "{outside}"),
        ("include.path", "{outside}/secret"),
    ):
        w.write(file, true)
        set_keys(w, [(key, value)], file)
        for label in ("check", "undo"):
            w.run(label, 5, f"{file}:", f"'{plain(key)}' {NO_SETTING}")


HOOKS = [
    "post-checkout",
    "reference-transaction",
    "post-index-change",
    "pre-auto-gc",
    "pre-commit",
    "post-commit",
    "post-merge",
    "post-rewrite",
    "pre-receive",
    "update",
    "post-update",
    "fsmonitor-watchman",
    "pre-rebase",
]


def hooks(w, *folders):
    w.store()
    for folder in folders:
        for name in HOOKS:
            w.write(f"{folder}/hooks/{name}", w.payload.read_bytes(), 0o755)


@case(CACHE)
def store_hooks(w):
    """Every hook of git is there, in the store and in the log: none is run."""
    w.lived_in()
    hooks(w, ".kerb/upstream/demo.git", ".kerb/journal/operations.git")
    w.then("fetch-from fetch check apply export report-html status rebase undo", 0)


@case(CACHE, PULL_REQUEST, is_tracked=True)
def store_hooks_of_tree(w):
    """Every hook of git is there for the store's work tree, which has no hooks of its own."""
    hooks(w, ".kerb/upstream/demo.git/worktrees/kerb-2024.1")
    w.refused("worktrees/kerb-2024.1/hooks: a work tree has none of its own")
