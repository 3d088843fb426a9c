import Foundation
import TestSupport
import Testing

@testable import Git

/// A bare repository below `.kerb/` that kerb did not make alone.
@Suite struct StoreJudgementTests {
  private let directory: TemporaryDirectory
  private var store: String { directory.file("x.git") }

  init() throws {
    directory = try TemporaryDirectory()
    _ = try Repository(creatingBareAt: directory.file("x.git"))
  }

  private func problem(_ configuration: String) throws -> StateProblem? {
    try directory.write("x.git/config", configuration)
    do {
      try judgeStore(store)
      return nil
    } catch {
      return error
    }
  }

  @Test func aStoreThatKerbMadeIsTaken() throws {
    try judgeStore(store)
    try judgeStore(directory.file("absent.git"))
  }

  @Test(arguments: [
    "core.sshCommand", "core.gitProxy", "core.askPass", "core.fsmonitor", "core.hooksPath",
    "core.pager", "core.editor", "core.worktree", "core.attributesFile", "core.excludesFile",
    "core.alternateRefsCommand", "credential.helper", "url.x.insteadOf", "url.x.pushInsteadOf",
    "remote.o.vcs", "remote.o.uploadpack", "remote.o.receivepack", "remote.o.proxy",
    "remote.o.promisor", "extensions.partialClone", "extensions.worktreeConfig", "include.path",
    "includeIf.gitdir:/.path", "filter.f.smudge", "filter.f.clean", "filter.f.process",
    "diff.external", "diff.d.command", "diff.d.textconv", "merge.m.driver", "mergetool.t.cmd",
    "gpg.program", "gpg.ssh.program", "uploadpack.packObjectsHook", "alias.st", "sequence.editor",
    "http.proxy", "http.cookieFile", "protocol.ext.allow", "submodule.s.update",
    "trace2.eventTarget", "browser.b.cmd", "man.m.cmd", "interactive.diffFilter",
  ])
  func aSettingThatStartsAProgramOrLeadsElsewhereIsRefused(_ key: String) throws {
    try git(["config", "-f", "\(store)/config", key, "/tmp/program"], in: directory.path)
    let written = directory.read("x.git/config") ?? ""
    let problem = try problem(written)
    #expect(problem?.path.hasPrefix("\(store)/config:") == true, "\(key)")
    #expect(
      problem?.reason.contains("'\(key.lowercased().split(separator: ".").first ?? "")") == true)
  }

  @Test func settingsThatPeopleMakeInAWorkTreeAreTheirs() throws {
    for key in [
      "user.name", "user.email", "color.ui", "branch.kerb/2024.1.remote", "remote.origin.url",
      "merge.conflictStyle", "diff.algorithm", "commit.gpgSign", "rerere.enabled",
      "advice.detached",
    ] {
      try git(["config", "-f", "\(store)/config", key, "true"], in: directory.path)
    }
    try judgeStore(store)
  }

  @Test(arguments: [
    "[core]\n\tbare = true \\\n[core]\n", "[core] sshCommand = x\n", "[core \"a\\\"]\"] x = 1\n",
    "[core]sshCommand=x\n", "[CORE]\n\tSSHCOMMAND=x\n", "[core]\n x = a\u{1}b\n", "[core\n",
    "= x\n", "[user]\nname = x\n[include]path=x\n", "name = x\n", "[core]\n\u{c}sshCommand = x\n",
    "[user]\nname\n[alias]a\n", "\u{feff}[core]\nsshCommand = x\n",
  ])
  func noFormHidesASetting(_ text: String) throws {
    #expect(try problem(text) != nil, "\(text.debugDescription)")
  }

  @Test(arguments: ["", "# note\n; other\n\n", "[user]\r\n\tname = A [b] \"c\" # d\r\n"])
  func plainFormsAreRead(_ text: String) throws {
    #expect(try problem(text) == nil)
  }

  @Test(arguments: [
    "commondir", "objects/info/alternates", "objects/info/http-alternates", "info/grafts",
    "config.worktree",
  ])
  func whatLeadsToAnotherRepositoryIsRefused(_ name: String) throws {
    try directory.write("x.git/\(name)", "/somewhere\n")
    let problem = #expect(throws: StateProblem.self) { try judgeStore(store) }
    #expect(problem?.path == "\(store)/\(name)")
  }

  @Test func aWorkTreeOfTheStoreLeadsBackToIt() throws {
    try directory.write("x.git/worktrees/w/commondir", "../..\n")
    try judgeStore(store)
    try directory.write("x.git/worktrees/w/commondir", "/elsewhere.git\n")
    #expect(throws: StateProblem.self) { try judgeStore(store) }
  }

  @Test func foldersThatWereLeftOutAreMadeAgain() throws {
    for name in ["objects", "refs"] {
      try FileManager.default.removeItem(atPath: "\(store)/\(name)")
    }
    completeStore(store)
    _ = try PackWriter(objectsDirectory: Repository(opening: store).objectsDirectory)
    completeStore(directory.file("absent.git"))
    #expect(!FileManager.default.fileExists(atPath: directory.file("absent.git")))
  }
}
