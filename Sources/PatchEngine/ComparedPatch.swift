import Patches

/// A patch as `git range-diff` compares it: who wrote it, its message, and what it does to each file,
/// without line numbers, `index` lines and abbreviations that change though nothing does.
public struct ComparedPatch: Sendable {
  /// Everything.
  public let text: Text
  /// From the first file on.
  let changes: Text
  /// How many lines `changes` has, not counting the blank ones between files.
  let size: Int

  public init(_ patch: Patch) {
    var writer = ComparedPatchWriter(patch)
    writer.writeHeader()
    let start = patch.files.isEmpty ? 0 : writer.bytes.count + 1
    for file in patch.files { writer.write(file) }
    text = Text(writer.bytes)
    changes = Text(Array(writer.bytes[start...]))
    size = writer.size
  }
}

/// Writes the form that `read_patches` in git's range-diff.c makes of a commit.
private struct ComparedPatchWriter {
  let patch: Patch
  private(set) var bytes: [UInt8] = []
  private(set) var size = 0

  init(_ patch: Patch) {
    self.patch = patch
  }

  private mutating func line(_ text: String) { bytes += Array("\(text)\n".utf8) }

  mutating func writeHeader() {
    let header = patch.header
    if let author = header.author {
      line(" ## Metadata ##")
      bytes += Array("Author: ".utf8) + author.name + Array(" <".utf8) + author.email
      line(">")
      line("")
    }
    guard !header.message.isEmpty else { return }
    line(" ## Commit message ##")
    let message = header.message.dropLast()
    for text in message.split(separator: lineFeed, omittingEmptySubsequences: false) {
      if !text.isEmpty { bytes += Array("    ".utf8) + withoutTabs(text) }
      bytes.append(lineFeed)
    }
  }

  mutating func write(_ file: FileChange) {
    bytes.append(lineFeed)
    bytes += Array(" ## ".utf8)
    switch file.kind {
    case .modify, .copy: bytes += file.path.bytes
    case .create: bytes += file.path.bytes + Array(" (new)".utf8)
    case .delete: bytes += file.path.bytes + Array(" (deleted)".utf8)
    case .rename(let from, _): bytes += from.bytes + Array(" => ".utf8) + file.path.bytes
    }
    if let old = file.oldMode, let new = file.newMode, old != new {
      bytes += Array(" (mode change \(old.digits) => \(new.digits))".utf8)
    }
    line(" ##")
    size += 1
    switch file.content {
    case .none: break
    case .hunks(let hunks): for hunk in hunks { write(hunk, of: file) }
    case .binary: writeBinary(file, file.index?.old ?? [], file.index?.new ?? [])
    case .blobs(let old, let new): writeBinary(file, old.hex, new.hex)
    }
  }

  private mutating func write(_ hunk: Hunk, of file: FileChange) {
    bytes += Array("@@".utf8)
    if !hunk.heading.isEmpty {
      bytes += Array(" ".utf8) + file.path.bytes + Array(":".utf8) + hunk.source[hunk.heading]
    }
    bytes.append(lineFeed)
    size += 1
    hunk.forEachLine { kind, range in
      switch kind {
      case .context: bytes.append(UInt8(ascii: " "))
      case .removed: bytes.append(UInt8(ascii: "-"))
      case .added: bytes.append(UInt8(ascii: "+"))
      }
      bytes += hunk.source[range]
      size += 1
      guard hunk.source[range].last != lineFeed else { return }
      bytes += Array("\n \\ No newline at end of file\n".utf8)
      size += 1
    }
  }

  /// One line for binary content, with the names of what it was and is: git has them not, and calls
  /// any two changes of one binary file the same.
  private mutating func writeBinary(_ file: FileChange, _ old: [UInt8], _ new: [UInt8]) {
    bytes += Array(" Binary files ".utf8)
    bytes += file.kind == .create ? Array("/dev/null".utf8) : file.sourcePath.bytes
    bytes += Array(" and ".utf8)
    bytes += file.kind == .delete ? Array("/dev/null".utf8) : file.path.bytes
    bytes += Array(" differ (".utf8) + old + Array("..".utf8) + new
    line(")")
    size += 1
  }
}

/// The line with spaces up to every eighth column in the place of tabs, as `git log` shows messages. A
/// character counts as one column.
private func withoutTabs(_ line: ArraySlice<UInt8>) -> [UInt8] {
  var result: [UInt8] = []
  var column = 0
  for byte in line {
    if byte == UInt8(ascii: "\t") {
      result += Array(repeating: UInt8(ascii: " "), count: 8 - column)
      column = 0
    } else {
      result.append(byte)
      let continues = byte & 0xc0 == 0x80
      if !continues { column = (column + 1) % 8 }
    }
  }
  return result
}

private let lineFeed = UInt8(ascii: "\n")
