/// Words at the end of the command line that ArgumentParser does not read: a command after `--`,
/// which it takes behind no other list of words, and most of a long list of patch files. It needs
/// about 50 µs for each argument, which for a thousand files is more than replaying them takes.
enum Operands {
  private(set) nonisolated(unsafe) static var rest: [String] = []

  /// Sets aside what follows `--` in an `exec` command, and all but the first two of the words
  /// without a dash at the end of a `replay` command: the first may be the value of an option, the
  /// others can only be operands.
  ///
  /// - Returns: the arguments that ArgumentParser reads.
  static func setAside(_ arguments: [String]) -> [String] {
    if arguments.first == "exec", let end = arguments.firstIndex(of: "--") {
      rest = Array(arguments[(end + 1)...])
      return Array(arguments[..<end])
    }
    guard arguments.first == "replay", arguments.count > 32, !arguments.contains("--") else {
      return arguments
    }
    let start = (arguments.lastIndex { $0.hasPrefix("-") } ?? 0) + 1
    guard arguments.count - start > 2 else { return arguments }
    rest = Array(arguments[(start + 2)...])
    return Array(arguments[..<(start + 2)])
  }
}
