import Patches
import Testing

extension String {
  var bytes: [UInt8] { Array(utf8) }
}

extension [UInt8] {
  var text: String { String(decoding: self, as: UTF8.self) }
}

/// Reads a patch from a literal, under the name `p`.
func patch(_ text: String) throws(Diagnostics) -> Patch {
  try Patch(parsing: text.bytes, name: "p")
}

/// What reading refuses, each as `file:line: rule`.
func findings(_ read: () throws(Diagnostics) -> Void) -> [String] {
  do {
    try read()
    return []
  } catch {
    return error.all.map { "\($0.location): \($0.rule)" }
  }
}

/// A text with mistakes in it, and the findings that must come of it.
struct Mistake: Sendable, CustomTestStringConvertible {
  let name: String
  let findings: [String]
  let bytes: [UInt8]

  init(_ name: String, _ findings: String..., in text: String) {
    self.init(name, findings, bytes: text.bytes)
  }

  init(_ name: String, _ findings: [String], bytes: [UInt8]) {
    self.name = name
    self.findings = findings
    self.bytes = bytes
  }

  var testDescription: String { name }
}

/// What a section does, in short: `rename a b 100`.
func summary(_ file: FileChange) -> String {
  switch file.kind {
  case .modify: "modify \(file.path)"
  case .create: "create \(file.path)"
  case .delete: "delete \(file.path)"
  case .rename(let from, let similarity):
    "rename \(from) \(file.path) \(similarity.map(String.init) ?? "-")"
  case .copy(let from, let similarity):
    "copy \(from) \(file.path) \(similarity.map(String.init) ?? "-")"
  }
}

/// A hunk's lines as ` context`, `-removed`, `+added`, newlines as they are.
func lines(_ hunk: Hunk) -> [String] {
  var lines: [String] = []
  hunk.forEachLine { kind, range in
    let sign =
      switch kind {
      case .context: " "
      case .removed: "-"
      case .added: "+"
      }
    lines.append(sign + String(decoding: hunk.source[range], as: UTF8.self))
  }
  return lines
}

/// The hunks of a section; empty where it has none.
func hunks(_ file: FileChange) -> [Hunk] {
  if case .hunks(let hunks) = file.content { hunks } else { [] }
}
