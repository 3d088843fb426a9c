/// A part of a YAML file as it was written: nothing in it stands for something else.
struct YAMLNode {
  enum Content {
    case text(String)
    case sequence([YAMLNode])
    case mapping([Pair])
  }

  /// A key, which is a text, with its value.
  struct Pair {
    let key: YAMLNode
    let value: YAMLNode
  }

  let content: Content
  let place: YAMLPlace

  init(_ content: Content, at place: YAMLPlace) {
    (self.content, self.place) = (content, place)
  }

  /// The text of a scalar, however it is quoted; nil for a list and a mapping.
  var string: String? { if case .text(let text) = content { text } else { nil } }

  var sequence: [YAMLNode]? { if case .sequence(let items) = content { items } else { nil } }

  var mapping: [Pair]? { if case .mapping(let pairs) = content { pairs } else { nil } }
}

/// A line and a column, counted from 1.
struct YAMLPlace: Hashable {
  let line: Int
  let column: Int
}
