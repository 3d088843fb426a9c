/// An operation as its commit's message says it: the words, a note, and two lines for kerb.
struct OperationMessage {
  let number: Int
  let words: String
  let note: String?
  let kind: Journal.Operation.Kind

  init(number: Int, words: String, note: String?, kind: Journal.Operation.Kind) {
    self.number = number
    self.words = oneLine(words)
    self.note = note
    self.kind = kind
  }

  var bytes: [UInt8] {
    let kind =
      switch kind {
      case .normal: "normal"
      case .undo(let other): "undo \(other)"
      case .redo(let other): "redo \(other)"
      }
    let body = note.map { "\n\($0)\n" } ?? ""
    return Array("\(words)\n\(body)\n\(Self.numberKey)\(number)\n\(Self.kindKey)\(kind)\n".utf8)
  }

  /// - Returns: nil unless the last two lines are kerb's.
  init?(parsing bytes: [UInt8]) {
    // Not of a String: to it a carriage return and a line feed are one character.
    var lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard lines.count >= 5, lines.removeLast().isEmpty,
      let kind = Self.kind(lines.removeLast()), lines.last?.hasPrefix(Self.numberKey) == true,
      let number = Self.number(lines.removeLast().dropFirst(Self.numberKey.count))
    else { return nil }
    self.number = number
    self.kind = kind
    words = lines[0]
    let body = lines.dropFirst(2).dropLast()
    note = body.isEmpty ? nil : body.joined(separator: "\n")
  }

  private static func kind(_ line: String) -> Journal.Operation.Kind? {
    guard line.hasPrefix(kindKey) else { return nil }
    let fields = line.dropFirst(kindKey.count).split(separator: " ")
    switch (fields.first, fields.dropFirst().first.flatMap(number)) {
    case ("normal", nil): return .normal
    case ("undo", let number?): return .undo(of: number)
    case ("redo", let number?): return .redo(of: number)
    default: return nil
    }
  }

  /// An operation's number: no log gets near the largest.
  private static func number(_ text: some StringProtocol) -> Int? {
    Int(text).flatMap { (1...1_000_000_000).contains($0) ? $0 : nil }
  }

  private static let numberKey = "Kerb-Operation: "
  private static let kindKey = "Kerb-Kind: "
}
