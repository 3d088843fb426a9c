import PatchEngine
import Patches

/// Reads the input as a patch and as a mailbox. What can be read is printed as it was read, has a
/// canonical form that can be read again, and can be applied to a text without a trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  if let patch = try? Patch(parsing: bytes, name: "p") {
    precondition(patch.formatted == bytes, "printed differently")
    check(patch)
  }
  if let patches = try? mailbox(parsing: bytes, name: "p") {
    precondition(patches.flatMap(\.formatted) == bytes, "mails printed differently")
  }
  return 0
}

private func check(_ patch: Patch) {
  let canonical = patch.canonical
  guard let again = try? Patch(parsing: canonical, name: "p") else {
    preconditionFailure("the canonical form cannot be read")
  }
  precondition(again.formatted == canonical, "the canonical form is printed differently")
  precondition(again.canonical == canonical, "the canonical form has another canonical form")
  precondition(
    again.header.message == patch.header.message, "the canonical form has another message")
  precondition(again.header.author == patch.header.author, "the canonical form has another author")
  precondition(again.files.count == patch.files.count, "the canonical form has other sections")
  for (file, other) in zip(patch.files, again.files) {
    precondition(file.path == other.path && file.kind == other.kind, "another file")
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
      precondition(result == other, "the canonical form does something else")
    }
  }
  if let result = try? PatchEngine.apply(hunks, to: Text(content)).text {
    let made = PatchEngine.hunks(from: Text(content), to: result)
    let again = try? PatchEngine.apply(made, to: Text(content)).text
    precondition(again == result, "the difference does not lead there")
    precondition(
      Merge(base: Text(content), ours: result, theirs: Text(content)).text() == result,
      "a merge with nothing is not nothing")
  }
}
