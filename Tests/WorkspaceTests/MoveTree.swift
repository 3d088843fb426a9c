import Git
import Patches

/// A file as git knows it: two are the same where mode and content are.
struct ModelFile: Hashable {
  let mode: UInt32
  let id: ObjectID
  let bytes: [UInt8]

  static let regular: UInt32 = 0o100644
  static let executable: UInt32 = 0o100755

  init(_ bytes: [UInt8], mode: UInt32 = regular) throws {
    (self.bytes, self.mode) = (bytes, mode)
    id = try objectID(.blob, bytes)
  }

  static func == (left: ModelFile, right: ModelFile) -> Bool {
    left.mode == right.mode && left.id == right.id
  }

  func hash(into hasher: inout Hasher) { hasher.combine(id) }

  var isText: Bool { !bytes.contains(0) }
  /// The lines with their line feeds.
  var lines: [[UInt8]] { splitLines(bytes) }
}

/// The lines of a text with their line feeds.
func splitLines(_ bytes: [UInt8]) -> [[UInt8]] {
  var lines: [[UInt8]] = []
  var line: [UInt8] = []
  for byte in bytes {
    line.append(byte)
    if byte == 10 {
      lines.append(line)
      line = []
    }
  }
  return line.isEmpty ? lines : lines + [line]
}

/// All files of a tree by their paths.
typealias ModelTree = [String: ModelFile]

extension [String: ModelFile] {
  /// What two trees differ in, by path.
  func changes(to other: ModelTree) -> Set<String> {
    Set(keys).union(other.keys).filter { self[$0] != other[$0] }
  }

  /// The same for equal trees only.
  var key: String {
    sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.mode) \($0.value.id)" }
      .joined(separator: "\n")
  }

  /// The files as commands of `git fast-import`.
  var stream: [UInt8] {
    var bytes = Array("deleteall\n".utf8)
    for (path, file) in sorted(by: { $0.key < $1.key }) {
      let mode = String(file.mode, radix: 8)
      bytes += Array("M \(mode) inline \(path)\ndata \(file.bytes.count)\n".utf8)
      bytes += file.bytes + [10]
    }
    return bytes
  }

  /// For a failure: what the first has and the second has not.
  func difference(from other: ModelTree) -> String {
    changes(to: other).sorted().map { path in
      let (one, two) = (self[path], other[path])
      guard let one else { return "\(path) is absent" }
      guard let two else { return "\(path) is there" }
      if one.mode != two.mode { return "\(path) has mode \(String(one.mode, radix: 8))" }
      guard one.isText, two.isText else { return "\(path) has other bytes" }
      let extra = one.lines.filter { !two.lines.contains($0) }
      let lacking = two.lines.filter { !one.lines.contains($0) }
      func text(_ lines: [[UInt8]]) -> String {
        lines.prefix(8).map { String(decoding: $0.dropLast(), as: UTF8.self) }
          .joined(separator: " | ")
      }
      return "\(path) has <\(text(extra))> and lacks <\(text(lacking))>"
    }.joined(separator: "; ")
  }
}
