import Foundation
import TestSupport
import Testing

/// Sessions in a terminal, replayed and compared byte for byte; they double as the manual.
///
/// A transcript is a page with blocks of the kind `console`. In them a line `$ COMMAND` is run by a
/// shell, in a folder of its own with kerb on the path; a line that ends in a backslash goes on. Below
/// it stands what is printed, standard error after standard output, and `[exit N]` where the status is
/// not 0. The folder is shown as `/home/you`. With RECORD=1 in the environment the pages are written anew.
@Suite struct TranscriptTests {
  private static let folder = "\(testsFolder)/TranscriptTests/Transcripts"
  private static let isRecording = ProcessInfo.processInfo.environment["RECORD"] == "1"

  static let names: [String] = {
    let files = try? FileManager.default.contentsOfDirectory(atPath: folder)
    return (files ?? []).filter { $0.hasSuffix(".md") }.sorted()
  }()

  @Test func thereAreTranscripts() {
    #expect(Self.names.count >= 4)
  }

  @Test(arguments: names) func thePageSaysWhatKerbDoes(_ name: String) throws {
    let path = "\(Self.folder)/\(name)"
    let page = try String(contentsOfFile: path, encoding: .utf8)
    let played = try Session().play(page)
    if Self.isRecording {
      try played.write(toFile: path, atomically: true, encoding: .utf8)
    } else {
      #expect(played == page)
    }
  }
}

/// One folder in which the commands of a page are run.
private struct Session {
  private let folder: TemporaryDirectory

  init() throws {
    folder = try TemporaryDirectory()
  }

  /// The page with what its commands print now.
  func play(_ page: String) throws -> String {
    var lines: [String] = []
    var isConsole = false
    var command: String?
    for line in page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("```") {
        isConsole = line == "```console"
        lines.append(line)
      } else if !isConsole {
        lines.append(line)
      } else if let begun = command {
        lines.append(line)
        command = try proceed(begun + "\n" + line, &lines)
      } else if line.hasPrefix("$ ") {
        lines.append(line)
        command = try proceed(String(line.dropFirst(2)), &lines)
      }
    }
    return lines.joined(separator: "\n")
  }

  /// Runs the command unless it goes on in the next line; then it is given back.
  private func proceed(_ command: String, _ lines: inout [String]) throws -> String? {
    if command.hasSuffix("\\") { return command }
    let program = URL(filePath: kerbProgram).deletingLastPathComponent().path
    let outcome = try run(
      "/bin/bash", ["-c", command], in: folder.path,
      environment: transcriptEnvironment.merging(["PATH": "\(program):/usr/bin:/bin"]) { $1 })
    let printed = outcome.text + (outcome.text.isEmpty || outcome.errors.isEmpty ? "" : "\n")
    var text = (printed + outcome.errors).replacing(folder.path, with: "/home/you")
    while text.hasSuffix("\n") { text.removeLast() }
    if !text.isEmpty {
      lines += text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
    if outcome.status != 0 { lines.append("[exit \(outcome.status)]") }
    return nil
  }

  private var transcriptEnvironment: [String: String] {
    gitEnvironment.merging(["HOME": folder.path, "CI": "true"]) { $1 }
  }
}
