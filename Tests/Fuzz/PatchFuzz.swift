// Compiled by Tests/Fuzz/run into one module with Sources/Patches and Sources/PatchEngine.

/// Reads the input as a patch and as a mailbox. What can be read must print as it was, its canonical
/// form must read as itself, and its hunks must apply to any text or be refused.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPatch(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  if let patch = try? Patch(parsing: bytes, name: "input") { examine(patch, bytes) }
  if let patches = try? mailbox(parsing: bytes, name: "input") {
    precondition(patches.flatMap(\.formatted) == bytes, "the mails are not all of the file")
  }
  return 0
}

private func examine(_ patch: Patch, _ bytes: [UInt8]) {
  precondition(patch.formatted == bytes, "printed otherwise than read")
  let canonical = patch.canonical
  guard let again = try? Patch(parsing: canonical, name: "canonical") else {
    preconditionFailure("the canonical form cannot be read")
  }
  precondition(again.canonical == canonical, "the canonical form is not its own")
  precondition(again.files.map(\.path) == patch.files.map(\.path), "files were lost")
  let text = Text(bytes)
  for file in patch.files {
    guard case .hunks(let hunks) = file.content else { continue }
    if let result = try? apply(hunks, to: preimage(of: hunks[0])) {
      precondition(result.placements.count == hunks.count)
    }
    _ = try? apply(hunks, to: text, policy: .nearest)
  }
}

/// A text on which the hunk fits.
private func preimage(of hunk: Hunk) -> Text {
  var bytes: [UInt8] = []
  hunk.forEachLine { kind, range in
    if kind != .added { bytes += hunk.source[range] }
  }
  return Text(bytes)
}
