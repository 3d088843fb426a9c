import Journal
import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// One set of writes, or one read, from the command line: what `Tests/Faults` breaks off.
///
///     JournalDriver WORKSPACE write WORDS [PATH=TEXT | PATH- | @STATE=TEXT | @STATE-]…
///     JournalDriver WORKSPACE read [PATH | @STATE]…
///
/// `read` prints a line for each name, all under one lease. Exit code 1 where the journal refuses.
@main struct Driver {
  static func main() {
    let words = Array(CommandLine.arguments.dropFirst())
    guard words.count >= 2 else { exit(2) }
    let journal = Journal(
      workspace: words[0], state: words[0] + "/.kerb/journal", clock: { 1_700_000_000 })
    do {
      switch words[1] {
      case "write" where words.count > 2: try write(journal, words[2], words[3...])
      case "read": try read(journal, words[2...])
      default: exit(2)
      }
    } catch {
      complain("\(error)\n")
      exit(1)
    }
  }

  static func write(_ journal: Journal, _ words: String, _ changes: ArraySlice<String>) throws {
    var set = FileSet()
    var states: [String: [UInt8]?] = [:]
    for change in changes {
      let (name, content) = parse(change)
      if name.hasPrefix("@") {
        states.updateValue(content, forKey: String(name.dropFirst()))
      } else {
        set.contents.updateValue(content, forKey: try RepoPath(name))
      }
    }
    try journal.hold(for: words, notice: tell) { held in
      try held.write(set, as: words, state: states, notice: tell)
    }
  }

  static func read(_ journal: Journal, _ names: ArraySlice<String>) throws {
    try journal.read(notice: tell) {
      for name in names {
        print("\(name): \(try content(journal, name) ?? "absent")")
      }
      print("operations: \(try journal.operations().map(\.words))")
    }
  }

  private static func parse(_ change: String) -> (name: String, content: [UInt8]?) {
    guard let equals = change.firstIndex(of: "=") else { return (String(change.dropLast()), nil) }
    return (String(change[..<equals]), Array(change[change.index(after: equals)...].utf8))
  }

  private static func content(_ journal: Journal, _ name: String) throws -> String? {
    guard !name.hasPrefix("@") else {
      return try journal.state(String(name.dropFirst())).map { String(decoding: $0, as: UTF8.self) }
    }
    guard let file = fopen(journal.workspace + "/" + name, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    return String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
  }

  private static func tell(_ notice: Notice) { complain("\(notice)\n") }
}

private func complain(_ line: String) {
  let bytes = Array(line.utf8)
  _ = write(STDERR_FILENO, bytes, bytes.count)
}
