import Foundation
import Patches
import Processes
import Reports
import Workspace

/// The user's editor: `$VISUAL`, else `$EDITOR`, else `vi` where there is a terminal.
enum Editor {
  /// Lets the user edit some bytes, and takes what is left of them. Where that is refused, the user's text is
  /// kept, and standard error says where.
  ///
  /// - Parameters:
  ///   - name: the name that the file has in the editor.
  ///   - hint: what to do where there is none.
  ///   - limit: the most bytes that are read.
  ///   - taking: how to have the kept file taken, as a sentence.
  /// - Throws: `UsageError` where there is no editor, or it exited with an error; what `take` throws.
  static func edited<Result>(
    _ bytes: [UInt8], name: String, hint: String, limit: Int, taking: String,
    _ take: ([UInt8]) throws -> Result
  ) async throws -> Result {
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
    var isKept = false
    defer { if !isKept { try? FileManager.default.removeItem(atPath: folder) } }
    let file = "\(folder)/\(name)"
    try writeNew(file, bytes)
    StandardOutput.flush()
    let status = try await Program(program, words.dropFirst() + [file]).runForwarding(
      lendsInput: true)
    guard status == .exited(0) else {
      throw UsageError("the editor '\(program)' exited with an error; nothing was written")
    }
    do {
      return try take(try readFile(file, name: name, limit: limit))
    } catch {
      if (try? readFile(file, name: name, limit: limit)) != bytes {
        isKept = true
        Terminal.error("your text is kept in \(terminalSafe(file)); \(terminalSafe(taking))")
      }
      throw error
    }
  }
}
