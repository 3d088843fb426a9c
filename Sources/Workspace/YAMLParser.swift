import CYaml

/// libyaml's parser. It gives one event after another and composes nothing.
struct YAMLParser: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  // libyaml keeps no copy of what it reads.
  private let input: UnsafeMutableBufferPointer<UInt8>

  /// - Parameter text: UTF-8 that `checkYAMLText` has let through.
  init(_ text: ArraySlice<UInt8>) {
    input = .allocate(capacity: text.count)
    _ = input.initialize(from: text)
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    guard yaml_parser_initialize(parser) == 1 else { fatalError("no memory for libyaml's parser") }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, input.baseAddress, input.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    input.deallocate()
  }

  /// - Throws: libyaml's reason where the text is no YAML. Nothing may be asked of it then.
  mutating func next() throws(YAMLProblem) -> YAMLEvent {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw YAMLProblem(parser.pointee) }
    defer { yaml_event_delete(&event) }
    return YAMLEvent(event)
  }
}

/// One of libyaml's events.
struct YAMLEvent {
  enum Kind {
    case text(String, isPlain: Bool)
    case sequence, mapping
    case collectionEnd
    case alias
    case documentEnd, streamEnd
    /// The start of the file or of a document.
    case start
  }

  let kind: Kind
  let place: YAMLPlace
  let end: YAMLPlace
  let hasAnchor: Bool
  let hasTag: Bool

  fileprivate init(_ event: yaml_event_t) {
    place = YAMLPlace(event.start_mark)
    end = YAMLPlace(event.end_mark)
    var names: (anchor: UnsafeMutablePointer<UInt8>?, tag: UnsafeMutablePointer<UInt8>?)
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      names = (scalar.anchor, scalar.tag)
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      kind = .text(
        String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
    case YAML_SEQUENCE_START_EVENT:
      names = (event.data.sequence_start.anchor, event.data.sequence_start.tag)
      kind = .sequence
    case YAML_MAPPING_START_EVENT:
      names = (event.data.mapping_start.anchor, event.data.mapping_start.tag)
      kind = .mapping
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: kind = .collectionEnd
    case YAML_ALIAS_EVENT: kind = .alias
    case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
    case YAML_STREAM_END_EVENT: kind = .streamEnd
    default: kind = .start
    }
    (hasAnchor, hasTag) = (names.anchor != nil, names.tag != nil)
  }
}

/// Why a text is no YAML, in libyaml's words.
struct YAMLProblem: Error {
  let place: YAMLPlace
  /// `did not find expected key, while parsing a block mapping that begins on line 3`.
  let reason: String

  fileprivate init(_ parser: yaml_parser_t) {
    place = YAMLPlace(parser.problem_mark)
    var words = parser.problem.map { String(cString: $0) } ?? "no reason is known"
    if let context = parser.context {
      words += ", \(String(cString: context))"
      let start = YAMLPlace(parser.context_mark)
      if start.line != place.line { words += " that begins on line \(start.line)" }
    }
    reason = words
  }
}

extension YAMLPlace {
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }
}
