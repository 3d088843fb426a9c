import Patches

/// What a patch does, in 20 bytes that do not depend on line numbers, white space, blob names, the
/// message, or the order of its files: `git patch-id --stable` (`get_one_patchid` in git's
/// builtin/patch-id.c, version 2.39).
///
/// - Parameters:
///   - ignoringSimilarity: true to leave out the percentages of renames, which depend on how the
///     patch was made; the result is then git's only where the patch renames nothing.
///   - digest: SHA-1 of some bytes.
/// - Returns: nil for a change that was read from a commit and has no hunks.
public func patchID(
  of patch: Patch, ignoringSimilarity: Bool = false,
  digest: @escaping ([UInt8]) -> [UInt8]
) -> ObjectID? {
  let isReadable = patch.files.allSatisfy { file in
    if case .blobs = file.content { false } else { true }
  }
  guard isReadable, !patch.files.isEmpty else { return nil }
  var reader = PatchIDReader(ignoresSimilarity: ignoringSimilarity, digest: digest)
  let diff = patch.diff
  for line in lineRanges(diff) { reader.take(diff[line]) }
  return reader.finish()
}

private struct PatchIDReader {
  let ignoresSimilarity: Bool
  let digest: ([UInt8]) -> [UInt8]
  private var sum = [UInt8](repeating: 0, count: ObjectID.byteCount)
  private var pending: [UInt8] = []
  /// The lines that the present hunk still has on each side; nil in a section's header.
  private var left: (before: Int, after: Int)?
  private var isBinary = false
  private var names: [UInt8] = []

  init(ignoresSimilarity: Bool, digest: @escaping ([UInt8]) -> [UInt8]) {
    self.ignoresSimilarity = ignoresSimilarity
    self.digest = digest
  }

  mutating func take(_ line: ArraySlice<UInt8>) {
    let isSection = line.starts(with: Word.section)
    if isBinary {
      // As git does: the line that begins the section after a binary one is not hashed.
      if isSection { (isBinary, left) = (false, nil) }
      return
    }
    // "\ No newline at end of file" in any language.
    if line.starts(with: Word.marker), line.count > 12 { return }
    if left == nil, takeHeader(line) { return }
    if let now = left, now == (0, 0) {
      if line.starts(with: Word.hunk) {
        left = counts(line)
        return
      }
      flush()
      left = nil
    }
    count(line)
    pending += line.filter { !isSpace($0) }
  }

  /// - Returns: true where the line is not to be hashed.
  private mutating func takeHeader(_ line: ArraySlice<UInt8>) -> Bool {
    if line.starts(with: Word.binary) {
      pending += names
      flush()
      isBinary = true
      return true
    }
    if line.starts(with: Word.index) {
      names = blobNames(line)
      return true
    }
    if line.starts(with: Word.oldFile) { left = (1, 1) }
    return ignoresSimilarity
      && (line.starts(with: Word.similarity) || line.starts(with: Word.dissimilarity))
  }

  private mutating func count(_ line: ArraySlice<UInt8>) {
    guard let now = left, let first = line.first else { return }
    let isOld = first == UInt8(ascii: "-") || first == UInt8(ascii: " ")
    let isNew = first == UInt8(ascii: "+") || first == UInt8(ascii: " ")
    left = (now.before - (isOld ? 1 : 0), now.after - (isNew ? 1 : 0))
  }

  private func blobNames(_ line: ArraySlice<UInt8>) -> [UInt8] {
    let word = line.dropFirst(Word.index.count).prefix { !isSpace($0) }
    return word.filter { $0 != UInt8(ascii: ".") }
  }

  /// The two counts of `@@ -1,2 +3,4 @@`; 1 where one is left out.
  private func counts(_ line: ArraySlice<UInt8>) -> (Int, Int) {
    let sides = line.split(separator: UInt8(ascii: " ")).dropFirst().prefix(2).map { side in
      let parts = side.split(separator: UInt8(ascii: ","))
      return parts.count == 2 ? Int(String(decoding: parts[1], as: UTF8.self)) ?? 1 : 1
    }
    return sides.count == 2 ? (sides[0], sides[1]) : (1, 1)
  }

  /// Adds the hash of one section; sums do not depend on the order (`flush_one_hunk`).
  private mutating func flush() {
    var carry = 0
    for (index, byte) in digest(pending).enumerated() {
      carry += Int(sum[index]) + Int(byte)
      sum[index] = UInt8(truncatingIfNeeded: carry)
      carry >>= 8
    }
    pending = []
  }

  mutating func finish() -> ObjectID? {
    flush()
    return ObjectID(raw: sum)
  }

  private enum Word {
    static let section = Array("diff ".utf8)
    static let marker = Array("\\ ".utf8)
    static let binary = Array("GIT binary patch".utf8)
    static let index = Array("index ".utf8)
    static let oldFile = Array("--- ".utf8)
    static let hunk = Array("@@ -".utf8)
    static let similarity = Array("similarity index ".utf8)
    static let dissimilarity = Array("dissimilarity index ".utf8)
  }
}
