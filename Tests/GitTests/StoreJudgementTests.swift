import Foundation
import Patches
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
    "remote.o.promisor", "extensions.partialClone", "include.path",
    "includeIf.gitdir:/.path", "filter.f.smudge", "filter.f.clean", "filter.f.process",
    "diff.external", "diff.d.command", "diff.d.textconv", "merge.m.driver", "mergetool.t.cmd",
    "gpg.program", "gpg.ssh.program", "uploadpack.packObjectsHook", "alias.st", "sequence.editor",
    "http.proxy", "http.cookieFile", "protocol.ext.allow", "submodule.s.update",
    "trace2.eventTarget", "browser.b.cmd", "guitool.g.cmd", "branch.b.mergeOptions", "pull.twohead",
    "man.m.cmd", "interactive.diffFilter",
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
      "advice.detached", "branch.x.vscode-merge-base", "branch.x.github-pr-owner-number",
      "remote.origin.gh-resolved", "gitreview.username", "maintenance.auto", "pull.rebase",
      "core.longPaths", "core.untrackedCache", "gui.wmstate", "feature.manyFiles",
      "push.recurseSubmodules", "format.signOff",
    ] {
      try git(["config", "-f", "\(store)/config", key, "true"], in: directory.path)
    }
    try judgeStore(store)
  }

  @Test func aSparseWorkTreeIsTaken() throws {
    try git(
      ["config", "-f", "\(store)/config", "extensions.worktreeConfig", "true"], in: directory.path)
    let own = "\(store)/config.worktree"
    try git(["config", "-f", own, "core.sparseCheckout", "true"], in: directory.path)
    try git(["config", "-f", own, "core.sparseCheckoutCone", "true"], in: directory.path)
    try git(["config", "-f", own, "index.sparse", "false"], in: directory.path)
    try judgeStore(store)
  }

  @Test(arguments: ["config.worktree", "worktrees/w/config.worktree"])
  func theConfigurationOfAWorkTreeIsJudgedLikeTheStores(_ name: String) throws {
    try directory.write("x.git/\(name)", "[core]\n\tsparseCheckout = true\n\tfsmonitor = /tmp/x\n")
    let problem = #expect(throws: StateProblem.self) { try judgeStore(store) }
    #expect(problem?.path == "\(store)/\(name):3")
    #expect(problem?.reason.contains("core.fsmonitor") == true)
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
  ])
  func whatLeadsToAnotherRepositoryIsRefused(_ name: String) throws {
    try directory.write("x.git/\(name)", "/somewhere\n")
    let problem = #expect(throws: StateProblem.self) { try judgeStore(store) }
    #expect(problem?.path == "\(store)/\(name)")
  }

  @Test(arguments: [
    "HEAD", "refs/kerb/upstream/2024.1", "refs/heads/a", "worktrees/w/refs/worktree/kerb",
  ])
  func aReferenceThatLeadsOutOfTheStoreIsRefused(_ name: String) throws {
    try directory.write("x.git/worktrees/w/commondir", "../..\n")
    try directory.write("x.git/\(name)", "ref: refs/heads/main\n")
    try judgeStore(store)
    for target in ["refs/../../private.git/refs/heads/main", "../HEAD", "/etc/passwd", "config"] {
      try directory.write("x.git/\(name)", "ref: \(target)\n")
      let problem = #expect(throws: StateProblem.self) { try judgeStore(store) }
      #expect(problem?.path == "\(store)/\(name)")
    }
  }

  @Test(arguments: ["HEAD", "config", "packed-refs", "objects/info/alternates", "shallow"])
  func aRepositoryWithAPipeOrAnEndlessFileIsNotOpened(_ name: String) throws {
    _ = try Repository(opening: store)
    let place = "\(store)/\(name)"
    try? FileManager.default.removeItem(atPath: place)
    #expect(mkfifo(place, 0o600) == 0)
    #expect(throws: GitError.self) { try Repository(opening: store) }
    try FileManager.default.removeItem(atPath: place)
    #expect(FileManager.default.createFile(atPath: place, contents: nil))
    #expect(truncate(place, 3 << 30) == 0)
    #expect(throws: GitError.self) { try Repository(opening: store) }
  }

  @Test func aWorkTreeOfTheStoreLeadsBackToIt() throws {
    let own = "x.git/worktrees/w"
    try directory.write("\(own)/refs/worktree/kerb-target", "one that is being made\n")
    try judgeStore(store)
    try directory.write("\(own)/HEAD", "ref: refs/heads/x\n")
    #expect(throws: StateProblem.self, "a repository of its own") { try judgeStore(store) }
    try directory.write("\(own)/commondir", "../..\n")
    try judgeStore(store)
    for text in [
      "/elsewhere.git\n", "../..", "../../../evil" + String(repeating: "\n", count: 5000),
    ] {
      try directory.write("\(own)/commondir", text)
      #expect(throws: StateProblem.self) { try judgeStore(store) }
    }
    try directory.write("\(own)/commondir", "../..\n")
    try directory.write("\(own)/config", "[core]\n\tfsmonitor = x\n")
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

/// What libgit2 reads without looking: files of numbers, and the starts of loose objects.
@Suite struct StoreFilesTests {
  private let small: SmallRepository
  private var store: String { small.path + "/.git" }

  init() throws {
    small = try SmallRepository(files: ["a": "1\n", "b": String(repeating: "x\n", count: 5_000)])
    _ = try small.commit("first")
  }

  private func change(_ path: String, _ edit: (inout [UInt8]) -> Void) throws {
    var bytes = Array(try Data(contentsOf: URL(filePath: path)))
    edit(&bytes)
    try FileManager.default.removeItem(atPath: path)
    try Data(bytes).write(to: URL(filePath: path))
  }

  @Test func whatGitMadeIsTakenAndWhatItOnlyDerivesIsRemoved() throws {
    try judgeStore(store)
    try git(["gc", "-q"], in: small.path)
    try git(["commit-graph", "write", "--reachable"], in: small.path)
    try git(["multi-pack-index", "write"], in: small.path)
    let derived = ["objects/info/commit-graph", "objects/pack/multi-pack-index"]
    for name in derived { #expect(FileManager.default.fileExists(atPath: "\(store)/\(name)")) }
    try judgeStore(store)
    for name in derived { #expect(!FileManager.default.fileExists(atPath: "\(store)/\(name)")) }
    try git(["fsck", "--strict"], in: small.path)
  }

  @Test func anIndexThatLeadsElsewhereThanIntoItsPackIsRefused() throws {
    try git(["gc", "-q"], in: small.path)
    let folder = "\(store)/objects/pack"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    let index = "\(folder)/\(try #require(names.first { $0.hasSuffix(".idx") }))"
    let whole = Array(try Data(contentsOf: URL(filePath: index)))
    let count = Int(whole[8 + 1020 + 3])
    for (place, value) in [
      (0, 1), (7, 1), (8, 1), (8 + 1023, 255), (8 + 1024, whole[8 + 1024] ^ 0xff),
      (8 + 1024 + count * 24, 0x7f), (8 + 1024 + count * 24, 0x80),
    ] as [(Int, UInt8)] {
      try change(index) { $0[place] = value }
      #expect(throws: StateProblem.self, "\(place)") { try judgeStore(store) }
      try change(index) { $0 = whole }
    }
    for size in [0, 100, whole.count - 1] {
      try change(index) { $0 = Array($0.prefix(size)) }
      #expect(throws: StateProblem.self, "\(size)") { try judgeStore(store) }
      try change(index) { $0 = whole }
    }
    try judgeStore(store)
  }

  @Test(arguments: [
    "tree 36\0" + String(repeating: "x", count: 100), "tree 36\0", "blob 9223372036854775807\0x",
    "blob 99999999999999999999\0x", "blob\0x", "thing 1\0x", "", "blob 1\0xx", "blob -1\0",
  ])
  func aLooseObjectHoldsWhatItsHeaderSays(_ content: String) throws {
    var deflater = Deflater(level: 6)
    let bytes = Array(content.utf8)
    let packed = bytes.withUnsafeBytes { deflater.deflate($0) }
    let folder = "\(store)/objects/ab"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = "\(folder)/\(String(repeating: "c", count: 38))"
    try Data(packed).write(to: URL(filePath: path))
    #expect(throws: StateProblem.self) { try judgeStore(store) }
  }

  /// An object of a pack made by hand.
  private struct Object {
    let first: UInt8
    let kind: UInt8
    var base: UInt8?
    let data: [UInt8]

    var name: [UInt8] { [first] + [UInt8](repeating: 7, count: 19) }
  }

  private func write(_ objects: [Object]) throws {
    var deflater = Deflater(level: 6)
    var pack = Array("PACK".utf8) + [0, 0, 0, 2, 0, 0, 0, UInt8(objects.count)]
    var offsets: [UInt8: Int] = [:]
    for object in objects {
      offsets[object.first] = pack.count
      pack.append(object.kind << 4 | UInt8(object.data.count & 15) | 0x80)
      pack.append(UInt8(object.data.count >> 4))
      if let base = object.base { pack += [base] + [UInt8](repeating: 7, count: 19) }
      pack += object.data.withUnsafeBytes { deflater.deflate($0) }
    }
    pack += [UInt8](repeating: 0, count: 20)
    let sorted = objects.sorted { $0.first < $1.first }
    var index: [UInt8] = [0xff, 0x74, 0x4f, 0x63, 0, 0, 0, 2]
    for first in 0..<256 {
      index += [0, 0, 0, UInt8(sorted.filter { Int($0.first) <= first }.count)]
    }
    index += sorted.flatMap(\.name) + [UInt8](repeating: 0, count: 4 * sorted.count)
    for object in sorted {
      let offset = offsets[object.first]!
      index += [0, 0, UInt8(offset >> 8), UInt8(offset & 255)]
    }
    index += [UInt8](repeating: 0, count: 40)
    let stem = "\(store)/objects/pack/pack-\(String(repeating: "e", count: 40))"
    try Data(pack).write(to: URL(filePath: stem + ".pack"))
    try Data(index).write(to: URL(filePath: stem + ".idx"))
  }

  @Test func deltasThatStandOnEachOtherAreRefused() throws {
    let delta: [UInt8] = [5, 5, 5, 1, 2, 3, 4, 5]
    let whole = Object(first: 9, kind: 3, data: Array("whole".utf8))
    try write([whole, Object(first: 1, kind: 7, base: 9, data: delta)])
    try judgeStore(store)
    for bases: [UInt8: UInt8] in [[1: 1], [1: 2, 2: 1], [1: 2, 2: 3, 3: 1], [1: 4]] {
      try write([whole] + bases.map { Object(first: $0.key, kind: 7, base: $0.value, data: delta) })
      #expect(throws: StateProblem.self, "\(bases)") { try judgeStore(store) }
    }
  }

  @Test func aDeltaThatMakesMuchOfLittleIsRefused() throws {
    let whole = Object(first: 9, kind: 3, data: Array("whole".utf8))
    for (size, isRefused) in [
      ([0x80, 0x80, 0x80, 0x10], false), ([0x80, 0x80, 0x80, 0x50], true),
    ] {
      let delta = [5] + size.map { UInt8($0) } + [0x90, 5]
      try write([whole, Object(first: 1, kind: 7, base: 9, data: delta)])
      let refused = (try? judgeStore(store)) == nil
      #expect(refused == isRefused)
    }
  }

  @Test func aPackThatWasJudgedIsRememberedUntilItChanges() throws {
    try git(["gc", "-q"], in: small.path)
    try judgeStore(store)
    let remembered = "\(store)/kerb-judged"
    let text = try String(contentsOfFile: remembered, encoding: .utf8)
    #expect(text.hasPrefix("pack-") && text.split(separator: "\n").count == 1)
    try judgeStore(store)
    let index = try #require(text.split(separator: " ").first)
    try change("\(store)/objects/pack/\(index)") { $0[8 + 1024] ^= 0xff }
    #expect(throws: StateProblem.self) { try judgeStore(store) }
  }
}
