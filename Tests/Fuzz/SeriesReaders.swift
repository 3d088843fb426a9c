import PatchEngine
import Patches

/// A series file. It is printed as it was read, and its canonical form can be read again.
func readSeries(_ bytes: [UInt8]) {
  let series = reading { () throws(Diagnostics) in
    try Series(parsing: bytes, release: .master, file: "series/master")
  }
  guard let series else { return }
  expect(series.formatted == bytes, "printed differently")
  for entry in series.entries {
    let path = try? RepoPath(entry.path)
    expect(path?.components.count == 2, "an entry that is no file of a project")
    expect(isProjectName(entry.project), "an entry of no project")
    _ = series.notes(on: entry.project)
  }
  check(series.formFindings)
  let again = try? Series(parsing: series.canonical, release: .master, file: "series/master")
  expect(again?.canonical == series.canonical, "the canonical form has another one")
  expect(again?.entries.map(\.path) == series.entries.map(\.path), "other entries")
}

/// `series/upstream.lock`.
func readLock(_ bytes: [UInt8]) {
  let lock = reading { () throws(Diagnostics) in try UpstreamLock(parsing: bytes, file: "lock") }
  guard let lock else { return }
  guard let again = try? UpstreamLock(parsing: lock.formatted, file: "lock") else {
    fatalError("the lock cannot be read again")
  }
  expect(again == lock, "another lock")
  expect(again.formatted == lock.formatted, "printed differently")
}

/// A path, a link's target, a date, an address and a release.
func readName(_ bytes: [UInt8]) {
  if let path = try? RepoPath(bytes) { check(path) }
  let text = String(decoding: bytes, as: UTF8.self)
  if let date = AuthorDate(mail: text) ?? AuthorDate(show: text) {
    expect(abs(date.offset) < 24 * 60, "no zone")
  }
  try? checkRepositoryAddress(text)
  _ = Release(text)
}

private func check(_ path: RepoPath) {
  expect(!path.bytes.isEmpty && path.bytes.first != 0x2f && path.bytes.last != 0x2f)
  for component in path.components {
    expect(!component.isEmpty && !component.elementsEqual(".".utf8), "no component")
    expect(!component.elementsEqual("..".utf8), "a way out of the tree")
    let lowered = String(decoding: component, as: UTF8.self).lowercased()
    expect(lowered != ".git", "a .git directory")
  }
  var above = path.parent
  while let directory = above {
    expect(directory.contains(path))
    above = directory.parent
  }
  _ = path.namesDevice
  try? checkLink(at: path, target: path.bytes)
}
