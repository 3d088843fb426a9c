import Patches

/// Reads a YAML file from the parser's events. What lets a few bytes stand for much, or says
/// something of a value that kerb does not read, ends the reading where it comes: anchors and aliases,
/// tags, merge keys, a key that is there twice, a second document.
///
/// - Complexity: each event is looked at once, and nothing is copied.
struct YAMLReader: ~Copyable {
  /// How many texts, lists and mappings a file has at most.
  static let mostNodes = 50_000
  /// How many lists and mappings stand in each other at most.
  static let deepest = 16
  /// The longest text, in bytes: 64 KiB.
  static let longestText = 1 << 16

  /// How many events were read.
  private(set) var events = 0
  private let file: String
  private let text: ArraySlice<UInt8>
  private var parser: YAMLParser
  private var root: YAMLNode?
  private var nodes = 0
  /// The lists and mappings that are not at their end, outermost first.
  private var open: [OpenCollection] = []

  /// - Throws: what is wrong with the file's characters.
  init(_ bytes: [UInt8], file: String) throws(Diagnostic) {
    self.file = file
    text = try checkYAMLText(bytes, file: file)
    parser = YAMLParser(text)
  }

  /// The file's document; nil where it has none.
  ///
  /// - Throws: the first mistake.
  mutating func document() throws(Diagnostic) -> YAMLNode? {
    while true {
      let event = try next()
      switch event.kind {
      case .start: break
      case .alias: throw anchor(event.place)
      case .text(let text, let isPlain): try take(text, isPlain, event)
      case .sequence, .mapping: try begin(event)
      case .collectionEnd: if let last = open.popLast() { put(last.node) }
      case .documentEnd:
        try checkEnd(event.end)
        return root
      case .streamEnd: return nil
      }
    }
  }

  private mutating func next() throws(Diagnostic) -> YAMLEvent {
    events += 1
    do throws(YAMLProblem) {
      return try parser.next()
    } catch {
      throw problem(error.place, "not readable as YAML: \(error.reason)", "config")
    }
  }

  private mutating func take(
    _ text: String, _ isPlain: Bool, _ event: YAMLEvent
  ) throws(Diagnostic) {
    try count(event)
    guard text.utf8.count <= Self.longestText else {
      throw problem(
        event.place, "a text of \(text.utf8.count) bytes; \(Self.longestText) is the most",
        "config-size")
    }
    if let last = open.last, last.wantsKey { try checkKey(text, isPlain, event.place, last) }
    put(YAMLNode(.text(text), at: event.place))
  }

  private func checkKey(
    _ key: String, _ isPlain: Bool, _ place: YAMLPlace, _ mapping: borrowing OpenCollection
  ) throws(Diagnostic) {
    if isPlain, key == "<<" {
      throw problem(place, "merge keys ('<<') are not taken; write it out", "config-anchor")
    }
    if let line = mapping.lines[key] {
      throw problem(
        place, "'\(shortened(key))' is on line \(line) already; keep one of them", "config-twice")
    }
  }

  private mutating func begin(_ event: YAMLEvent) throws(Diagnostic) {
    try count(event)
    guard open.last?.wantsKey != true else {
      throw problem(event.place, "a key is a text; put it in quotes", "config")
    }
    guard open.count < Self.deepest else {
      throw problem(
        event.place, "more than \(Self.deepest) lists and mappings in each other", "config-size")
    }
    if case .mapping = event.kind {
      open.append(OpenCollection(isMapping: true, place: event.place))
    } else {
      open.append(OpenCollection(isMapping: false, place: event.place))
    }
  }

  private mutating func count(_ event: YAMLEvent) throws(Diagnostic) {
    if event.hasAnchor { throw anchor(event.place) }
    if event.hasTag {
      throw problem(event.place, "tags ('!…') are not taken; remove it", "config-tag")
    }
    nodes += 1
    guard nodes <= Self.mostNodes else {
      throw problem(
        event.place, "more than \(Self.mostNodes) texts, lists and mappings", "config-size")
    }
  }

  private mutating func put(_ node: YAMLNode) {
    if open.isEmpty { root = node } else { open[open.count - 1].take(node) }
  }

  // What follows is not parsed: libyaml reads all directives of a document at once.
  private func checkEnd(_ place: YAMLPlace) throws(Diagnostic) {
    guard let next = firstLine(behind: place, in: text) else { return }
    let isDocument = next.text.starts(with: "---".utf8) || next.text.first == UInt8(ascii: "%")
    throw problem(
      YAMLPlace(line: next.number, column: 1),
      isDocument
        ? "a second document; the file is one, remove it"
        : "text behind the end of the document; remove it", "config-document")
  }

  private func anchor(_ place: YAMLPlace) -> Diagnostic {
    problem(place, "anchors and aliases are not taken; write it out", "config-anchor")
  }

  private func problem(_ place: YAMLPlace, _ message: String, _ rule: String) -> Diagnostic {
    Diagnostic(Location(file, line: place.line), message, rule: rule)
  }
}

/// A list or a mapping whose end has not come.
private struct OpenCollection {
  let isMapping: Bool
  let place: YAMLPlace
  /// The lines of the keys.
  private(set) var lines: [String: Int] = [:]
  private var items: [YAMLNode] = []
  private var pairs: [YAMLNode.Pair] = []
  private var key: YAMLNode?

  init(isMapping: Bool, place: YAMLPlace) {
    (self.isMapping, self.place) = (isMapping, place)
  }

  var wantsKey: Bool { isMapping && key == nil }

  var node: YAMLNode { YAMLNode(isMapping ? .mapping(pairs) : .sequence(items), at: place) }

  mutating func take(_ node: YAMLNode) {
    if !isMapping {
      items.append(node)
    } else if let known = key {
      pairs.append(YAMLNode.Pair(key: known, value: node))
      key = nil
    } else {
      if let text = node.string { lines[text] = node.place.line }
      key = node
    }
  }
}

/// A text of the file as messages name it: its start, and nothing secret.
func shortened(_ text: String) -> String {
  let shown = withoutCredentials(text)
  return shown.count <= 80 ? shown : "\(shown.prefix(79))…"
}
