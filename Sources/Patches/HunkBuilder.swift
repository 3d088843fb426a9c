/// Makes a hunk line by line, with its text.
public struct HunkBuilder {
  private var body: [UInt8] = []
  private var olds = 0
  private var news = 0
  private var leading = 0
  private var trailing = 0
  private var changes = 0
  private var oldLacksNewline = false
  private var newLacksNewline = false

  public init() {}

  /// Adds a line, with its newline unless the file lacks it.
  public mutating func add(_ kind: Hunk.LineKind, _ line: ArraySlice<UInt8>) {
    let lacksNewline = line.last != newline
    switch kind {
    case .context:
      body.append(UInt8(ascii: " "))
      if changes == 0 { leading += 1 }
      trailing += 1
    case .removed: body.append(UInt8(ascii: "-"))
    case .added: body.append(UInt8(ascii: "+"))
    }
    if kind != .context {
      changes += 1
      trailing = 0
    }
    if kind != .added {
      olds += 1
      oldLacksNewline = lacksNewline
    }
    if kind != .removed {
      news += 1
      newLacksNewline = lacksNewline
    }
    body += line
    if lacksNewline { body += Array("\n\\ No newline at end of file\n".utf8) }
  }

  /// The hunk of the lines added so far.
  ///
  /// - Parameter heading: the line that stands after the closing `@@`; none where it is empty.
  /// - Precondition: at least one line is added or removed.
  public func hunk(oldStart: Int, newStart: Int, heading: [UInt8] = []) -> Hunk {
    precondition(changes > 0)
    let source = heading.isEmpty ? body : body + [UInt8(ascii: " ")] + heading
    return Hunk(
      oldStart: oldStart, oldCount: olds, newStart: newStart, newCount: news,
      leadingContext: leading, trailingContext: trailing, oldLacksNewline: oldLacksNewline,
      newLacksNewline: newLacksNewline, source: source, header: 0..<0, body: 0..<body.count,
      heading: body.count..<source.count, line: 0)
  }
}
