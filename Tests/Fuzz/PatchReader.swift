import PatchEngine

@testable import Patches

/// A patch file. What can be read is printed as it was read, has a canonical form that can be read
/// again, and can be applied to a text without a trap.
func readPatch(_ bytes: [UInt8]) {
  let patch = reading { () throws(Diagnostics) in try Patch(parsing: bytes, name: "p") }
  guard let patch else { return }
  expect(patch.formatted == bytes, "printed differently")
  check(patch.warnings)
  check(patch)
}

/// A mailbox, and what a letter's header says.
func readMail(_ bytes: [UInt8]) {
  let patches = reading { () throws(Diagnostics) in try mailbox(parsing: bytes, name: "p") }
  for patch in patches ?? [] {
    check(patch.warnings)
    check(patch.messageFindings)
    _ = patch.header.trailers("Upstream")
    _ = patch.header.message(joining: patch.header)
  }
  if let patches {
    expect(patches.flatMap(\.formatted) == bytes, "mails printed differently")
  }
  _ = decodingEncodedWords(bytes)
  let shown = withoutCredentials(String(decoding: bytes, as: UTF8.self))
  expect(withoutCredentials(shown) == shown, "what hides a password is hidden again")
}

private func check(_ patch: Patch) {
  let canonical = patch.canonical
  guard let again = try? Patch(parsing: canonical, name: "p") else {
    fatalError("the canonical form cannot be read")
  }
  expect(again.formatted == canonical, "the canonical form is printed differently")
  expect(again.canonical == canonical, "the canonical form has another canonical form")
  expect(
    again.header.message == patch.header.message, "the canonical form has another message")
  expect(again.header.author == patch.header.author, "the canonical form has another author")
  expect(again.files.count == patch.files.count, "the canonical form has other sections")
  for (file, other) in zip(patch.files, again.files) {
    expect(file.path == other.path && file.kind == other.kind, "another file")
    guard case .hunks(let hunks) = file.content, case .hunks(let others) = other.content else {
      continue
    }
    apply(hunks, others)
  }
}

/// Applies hunks to a text that they fit, to that text with a line above it, and to the patch.
private func apply(_ hunks: [Hunk], _ others: [Hunk]) {
  guard let total = hunks.last.map({ $0.oldStart + $0.oldCount }), total < 10_000 else { return }
  var content: [UInt8] = []
  var line = 1
  for hunk in hunks {
    while line < hunk.oldStart {
      content += "line \(line)\n".utf8
      line += 1
    }
    hunk.forEachLine { kind, range in
      guard kind != .added else { return }
      content += hunk.source[range]
      line += 1
    }
  }
  for text in [Text(content), Text("x\n".utf8 + content), Text(hunks[0].source)] {
    for policy in [PlacementPolicy.nearest, .unique] {
      let result = try? PatchEngine.apply(hunks, to: text, policy: policy).text
      let other = try? PatchEngine.apply(others, to: text, policy: policy).text
      expect(result == other, "the canonical form does something else")
    }
  }
  if let result = try? PatchEngine.apply(hunks, to: Text(content)).text {
    let made = PatchEngine.hunks(from: Text(content), to: result)
    let again = try? PatchEngine.apply(made, to: Text(content)).text
    expect(again == result, "the difference does not lead there")
    expect(
      Merge(base: Text(content), ours: result, theirs: Text(content)).text() == result,
      "a merge with nothing is not nothing")
  }
}
