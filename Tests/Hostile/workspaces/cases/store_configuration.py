"""A store whose configuration would run a program, or lead elsewhere."""

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
    (
        "reflog-keys",
        "reflogs with the committer's name",
        [("core.logAllRefUpdates", "always"), ("user.name", "$({payload})"), ("user.email", "x")],
    ),
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
            ("core.autocrlf", "true"),
            ("core.eol", "crlf"),
            ("core.safecrlf", "false"),
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


def filled(w, text):
    return text.format(payload=w.payload, outside=w.outside, up=w.up, root=w.root)


def set_keys(w, keys, file=None):
    for key, value in keys:
        w.config(filled(w, key), filled(w, value))
    if file:
        w.write(f"{w.store()}/{file[0]}", filled(w, file[1]))


def from_network(w, keys, file=None):
    w.store()
    set_keys(w, keys, file)
    w.lock_unknown()
    w.verbs = ["fetch", "check", "status", "rebase", "fetch-from", "lint"]
    w.more["rebase"] = ["rebase", "2024.1/demo", "--update"]


def on_tree(w, keys, file=None):
    w.store()
    set_keys(w, keys, file)
    w.verbs = ["check", "apply", "export", "report", "rebase", "status", "undo"]


for name, does, *rest in NETWORK:
    add(
        f"store-{name}",
        [CACHE],
        f"The store's configuration has {does}, and the lock makes fetch use it.",
        from_network,
        *rest,
    )
for name, does, *rest in TREE:
    add(f"store-{name}", [CACHE], f"The store's configuration has {does}.", on_tree, *rest)
for name in ("ssh-command", "git-proxy", "local-address"):
    row = next(r for r in NETWORK if r[0] == name)
    add(
        f"store-{name}-pr",
        [PULL_REQUEST],
        f"A tracked store's configuration has {row[1]}.",
        from_network,
        *row[2:],
    )


@case(CACHE)
def store_password(w):
    """A store turns the address to a server that asks for a password: no helper, no prompt program is started."""
    import servers

    port = servers.start(w, servers.Unauthorised, tls=True)
    if port is None:
        w.verbs = []
        return
    helper = [
        ("credential.helper", "!{payload}"),
        ("core.askPass", "{payload}"),
        ("http.sslVerify", "false"),
        ("http.cookieFile", "{outside}/precious"),
        ("http.saveCookies", "true"),
        (f"url.https://127.0.0.1:{port}/.insteadOf", "https://127.0.0.1:9/"),
    ]
    from_network(w, helper)


@case(CACHE)
def store_config_endless(w):
    """The store's configuration is a file of 3 GB without a line."""
    w.hole(f"{w.store()}/config")
    w.verbs = ["check", "fetch", "apply", "export", "status"]


@case(CACHE)
def store_config_loop(w):
    """The store's configuration includes itself, and a pipe."""
    w.fifo(f"{w.store()}/pipe")
    w.config("include.path", "config")
    w.config("include.path", "pipe")
    w.verbs = ["check", "apply", "fetch", "export", "rebase"]


@case(CACHE)
def journal_config(w):
    """The log's repository has a configuration that runs programs and leads out."""
    w.start(["report", "--html", "page.html"])
    file = ".kerb/journal/operations.git/config"
    for key, value in [
        ("core.hooksPath", w.root / "hooks"),
        ("core.fsmonitor", w.payload),
        ("core.sshCommand", w.payload),
        ("core.worktree", w.outside),
        ("include.path", w.outside / "secret"),
        ("core.logAllRefUpdates", "always"),
        ("user.name", f"$({w.payload})"),
    ]:
        w.config(key, value, file)
    w.verbs = ["check", "report-html", "log", "undo", "rebase", "status"]


@case(CACHE, PULL_REQUEST)
def store_hooks(w):
    """Every hook of git is there, in the store, its work tree and the log."""
    names = [
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
    w.store()
    for folder in (
        ".kerb/upstream/demo.git/hooks",
        ".kerb/upstream/demo.git/worktrees/kerb-2024.1/hooks",
        ".kerb/journal/operations.git/hooks",
    ):
        for name in names:
            w.write(f"{folder}/{name}", w.payload.read_bytes(), 0o755)
