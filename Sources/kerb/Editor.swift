import Foundation
import Patches
import Processes
import Workspace

/// The user's editor: `$VISUAL`, else `$EDITOR`, else `vi` where there is a terminal.
enum Editor {
  /// What the user leaves of some bytes.
  ///
  /// - Parameters:
  ///   - name: the name that the file has in the editor.
  ///   - hint: what to do where there is none.
  ///   - limit: the most bytes that are read.
  /// - Throws: `UsageError` where there is no editor, or it gave up.
  static func edited(
    _ bytes: [UInt8], name: String, hint: String, limit: Int
  ) async throws -> [UInt8] {
    let environment = ProcessInfo.processInfo.environment
    let named = [environment["VISUAL"], environment["EDITOR"]].compactMap { $0 }.first {
      !$0.isEmpty
    }
    guard named != nil || isatty(STDIN_FILENO) == 1 else {
      throw UsageError("no editor: set VISUAL or EDITOR, or \(hint)")
    }
    // No shell: the words of the variable are the program and its arguments.
    let words = (named ?? "vi").split(separator: " ").map(String.init)
    guard let program = words.first else {
      throw UsageError("no editor: VISUAL and EDITOR are blank; \(hint)")
    }
    let folder = try makePrivateFolder(for: "edit")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = "\(folder)/\(name)"
    try writeNew(file, bytes)
    StandardOutput.flush()
    let status = try await Program(program, words.dropFirst() + [file]).runForwarding(
      lendsInput: true)
    guard status == .exited(0) else {
      throw UsageError("the editor '\(program)' gave up; nothing was written")
    }
    return try readFile(file, name: name, limit: limit)
  }
}
