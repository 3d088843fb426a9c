/// The paragraph of trailers that ends a message, as git finds it (`find_trailer_block_start` in its
/// trailer.c): each of its lines is a trailer or folded below one; or one in four is, and one of them
/// is a line that git writes itself or a trailer that kerb knows.
struct TrailerBlock {
  /// A line of the block, with those that are folded below it.
  struct Item {
    enum Kind {
      case trailer(name: String, value: String)
      /// A line that git writes and that is no trailer.
      case generated
      case prose
    }

    let kind: Kind
    let lines: [ArraySlice<UInt8>]
    /// Its first line in the text, counted from 0.
    let line: Int

    /// True for a trailer of that name, in capitals or not.
    func isNamed(_ other: String) -> Bool {
      guard case .trailer(let name, _) = kind else { return false }
      return name.lowercased() == other.lowercased()
    }
  }

  let items: [Item]
  /// The text above the block.
  let above: ArraySlice<UInt8>

  /// The trailers that kerb knows, as `trailer.NAME.key` makes others known to git.
  static let known = ["Upstream", "Change-Id"]

  /// Nil where no trailers end the text.
  init?(_ text: [UInt8]) {
    guard let lines = lastParagraph(text), let first = lines.first else { return nil }
    above = text[..<first.startIndex]
    let number = above.count { $0 == newline }
    var starts = lines.indices.filter { $0 == 0 || !isFolded(lines[$0]) }
    starts.append(lines.count)
    items = zip(starts, starts.dropFirst()).map { first, next in
      Item(Array(lines[first..<next]), line: number + first)
    }
    guard isBlock else { return nil }
  }

  private var isBlock: Bool {
    var (trailers, others) = (0, 0)
    var isKnown = false
    for item in items {
      switch item.kind {
      case .trailer:
        trailers += 1
        isKnown = isKnown || (Self.known + ["Signed-off-by"]).contains(where: item.isNamed)
      case .generated: (trailers, isKnown) = (trailers + 1, true)
      case .prose: others += item.lines.count
      }
    }
    return isKnown ? trailers * 3 >= others : trailers > 0 && others == 0
  }
}

extension TrailerBlock.Item {
  fileprivate init(_ lines: [ArraySlice<UInt8>], line: Int) {
    (self.lines, self.line) = (lines, line)
    if let colon = separator(in: lines[0]) {
      let value = ([lines[0][(colon + 1)...]] + lines.dropFirst()).map(trimmed)
      kind = .trailer(
        name: String(decoding: trimmed(lines[0][..<colon]), as: UTF8.self),
        value: value.filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
          .joined(separator: " "))
    } else {
      kind = lines[0].starts(with: "(cherry picked from commit ".utf8) ? .generated : .prose
    }
  }
}

/// The lines of the last paragraph, without their newlines; nil where all is blank.
private func lastParagraph(_ text: [UInt8]) -> [ArraySlice<UInt8>]? {
  guard let last = text.lastIndex(where: { !isSpace($0) }) else { return nil }
  var lines: [ArraySlice<UInt8>] = []
  var end = text[last...].firstIndex(of: newline) ?? text.count
  while true {
    let start = (text[..<end].lastIndex(of: newline) ?? -1) + 1
    let line = text[start..<end]
    if line.allSatisfy(isSpace) { break }
    lines.append(line)
    if start == 0 { break }
    end = start - 1
  }
  return lines.reversed()
}

private func isFolded(_ line: ArraySlice<UInt8>) -> Bool { line.first.map(isSpace) ?? false }

/// The colon behind the name of a trailer (`find_separator` in git's trailer.c).
private func separator(in line: ArraySlice<UInt8>) -> Int? {
  guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
  let name = line[..<colon].reversed().drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
  return isTrailerName(name) ? colon : nil
}

extension PatchHeader {
  /// The value of a trailer of the message, with the lines that are folded below it; nil where there is
  /// none. As to git, capitals are no difference between names.
  public func trailer(_ name: String) -> String? { trailers(name).first }

  /// The values of all trailers of a name, in order.
  public func trailers(_ name: String) -> [String] {
    guard let block = TrailerBlock(body) else { return [] }
    return block.items.compactMap { item in
      guard item.isNamed(name), case .trailer(_, let value) = item.kind else { return nil }
      return value
    }
  }
}

extension PatchHeader {
  /// The message with another one below it, and the trailers of both at the end, each line once. Where both
  /// say where the patch stands, or which change it is, this one counts.
  public func message(joining other: PatchHeader) -> [UInt8] {
    let (mine, theirs) = (TrailerBlock(body), TrailerBlock(other.body))
    let own = mine?.items ?? []
    let known = Set(own.map { $0.lines.map(Array.init) })
    let settled = TrailerBlock.known.filter { name in own.contains { $0.isNamed(name) } }
    let added = (theirs?.items ?? []).filter { item in
      !known.contains(item.lines.map(Array.init)) && !settled.contains(where: item.isNamed)
    }
    let parts = [
      subject, Array(mine?.above ?? body[...]).withoutLastNewlines, other.subject,
      Array(theirs?.above ?? other.body[...]).withoutLastNewlines,
      Array((own + added).flatMap(\.lines).joined(separator: [newline])),
    ]
    return Array(parts.filter { !$0.isEmpty }.joined(separator: [newline, newline])) + [newline]
  }
}

extension [UInt8] {
  /// The body of a message with a trailer set: those of that name go, and the new one stands at the end of
  /// the trailers, in a paragraph of their own where there are none. All else stays to the byte.
  ///
  /// - Parameter value: nil to take the trailer away.
  func settingTrailer(_ name: String, to value: String?) -> [UInt8] {
    let block = TrailerBlock(self)
    var lines = (block?.items ?? []).filter { !$0.isNamed(name) }.flatMap(\.lines).map(Array.init)
    if let value { lines.append(Array("\(name): \(value)".utf8)) }
    let prose = Array(block?.above ?? self[...]).withoutLastNewlines
    guard !lines.isEmpty else { return prose }
    let gap = block?.above.dropFirst(prose.count) ?? (prose.isEmpty ? [] : [newline, newline])
    return prose + gap + lines.joined(separator: [newline])
  }

  /// The text without newlines at its end.
  var withoutLastNewlines: [UInt8] {
    Array(prefix((lastIndex { $0 != newline } ?? -1) + 1))
  }
}

/// True for letters, digits and dashes, as the name of a trailer has them.
public func isTrailerName(_ name: some Collection<UInt8>) -> Bool {
  !name.isEmpty
    && name.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
}
