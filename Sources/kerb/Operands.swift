/// The operands at the end of a long command line. ArgumentParser needs about 50 µs for each
/// argument, which for a thousand patch files is more than replaying them takes.
enum Operands {
  private(set) nonisolated(unsafe) static var rest: [String] = []

  /// Sets aside all but the first two of the words without a dash at the end of a `replay` command:
  /// the first may be the value of an option, the others can only be operands.
  ///
  /// - Returns: the arguments that ArgumentParser reads.
  static func setAside(_ arguments: [String]) -> [String] {
    guard arguments.first == "replay", arguments.count > 32, !arguments.contains("--") else {
      return arguments
    }
    let start = (arguments.lastIndex { $0.hasPrefix("-") } ?? 0) + 1
    guard arguments.count - start > 2 else { return arguments }
    rest = Array(arguments[(start + 2)...])
    return Array(arguments[..<(start + 2)])
  }
}
