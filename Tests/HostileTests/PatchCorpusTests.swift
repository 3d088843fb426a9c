import Foundation
import TestSupport
import Testing

/// The hostile patches of `Tests/Hostile`, each with the outcome that is written in `expected.tsv`:
/// exit code, then the first line that kerb prints. `make-fixture` makes the tree that they are
/// written against. With RECORD=1 in the environment the file is written anew.
@Suite struct PatchCorpusTests {
  static let folder = "\(testsFolder)/Hostile"
  static let isRecording = ProcessInfo.processInfo.environment["RECORD"] == "1"

  struct Case: Sendable, CustomTestStringConvertible {
    let id: String
    let files: [String]
    let exit: Int32
    let message: String

    var testDescription: String { id }
  }

  static let cases: [Case] = {
    let table = try? String(contentsOfFile: "\(folder)/expected.tsv", encoding: .utf8)
    return (table ?? "").split(separator: "\n").map { line in
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      return Case(
        id: fields[0], files: fields[1].split(separator: " ").map(String.init),
        exit: Int32(fields[2]) ?? -1, message: fields[3])
    }
  }()

  @Test func theTableNamesEveryPatchOfTheFolder() throws {
    let named = Set(Self.cases.flatMap(\.files))
    let present = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
    #expect(Set(present.filter { $0.hasSuffix(".patch") }) == named)
    #expect(Self.cases.count > 100)
  }

  @Test(arguments: cases) func eachHasItsOutcomeAndTouchesNothingElse(_ item: Case) throws {
    let fixture = try Fixture()
    let before = try fixture.snapshot()
    let files = item.files.map { "\(Self.folder)/\($0)" }
    let outcome = try kerb(
      ["replay", "--repo", "tree", "--onto", "main", "--ref", "refs/heads/out"] + files,
      in: fixture.path)
    let message = firstLine(outcome)
    if Self.isRecording { return try record(item, outcome.status, message) }
    #expect(outcome.status == item.exit)
    #expect(message == item.message)
    let after = try fixture.snapshot()
    if item.exit == 0 {
      #expect(after.filter { !isGitOwn($0.key) } == before.filter { !isGitOwn($0.key) })
      // What a patch adds is data to kerb; git's own opinion on submodule names is another matter.
      let check = ["-c", "fsck.gitmodulesName=ignore", "-c", "fsck.gitmodulesUrl=ignore"]
      let options = ["-c", "fsck.gitmodulesPath=ignore", "fsck", "--strict", "--no-dangling"]
      #expect(try git(check + options, in: fixture.path + "/tree") == "")
    } else {
      #expect(after == before)
      #expect(message.contains(item.files[0].prefix(4)), "the message names the file")
    }
    #expect(!(outcome.output + outcome.errors.utf8).contains { $0 < 0x20 && $0 != 10 })
  }

  private func isGitOwn(_ path: String) -> Bool { path.hasPrefix("tree/.git/") }

  /// Warnings and errors come first, then results.
  private func firstLine(_ outcome: Outcome) -> String {
    let text = outcome.errors + outcome.text
    let line = text.split(separator: "\n").first.map(String.init) ?? ""
    return line.replacing("\(Self.folder)/", with: "")
  }

  private func record(_ item: Case, _ status: Int32, _ message: String) throws {
    let line = "\(item.id)\t\(item.files.joined(separator: " "))\t\(status)\t\(message)\n"
    let path = "\(Self.folder)/recorded.tsv"
    let handle = fopen(path, "a")
    fputs(line, handle)
    fclose(handle)
  }
}

/// The tree that the corpus is written against, and its surroundings.
struct Fixture {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    let made = try run(
      "/bin/bash", ["\(testsFolder)/Hostile/make-fixture", directory.path], in: directory.path,
      environment: [
        "PATH": "/usr/local/bin:/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1", "HOME": directory.path,
      ])
    guard made.status == 0 else { throw FixtureError(description: made.errors) }
  }

  struct FixtureError: Error, CustomStringConvertible {
    let description: String
  }

  var path: String { directory.path }

  /// Every path below the fixture with its mode and content.
  func snapshot() throws -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
      let full = "\(path)/\(name)"
      var status = stat()
      lstat(full, &status)
      var content = Array("\(status.st_mode) ".utf8)
      switch status.st_mode & S_IFMT {
      case S_IFLNK:
        content += Array(try FileManager.default.destinationOfSymbolicLink(atPath: full).utf8)
      case S_IFREG: content += Array(FileManager.default.contents(atPath: full) ?? Data())
      default: break
      }
      found[name] = content
    }
    return found
  }
}
