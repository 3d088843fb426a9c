import PatchEngine
import Patches

/// Reads the input as a series, as a lock, as a path, a link's target, a date and an address.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  if let series = try? Series(parsing: bytes, release: .master, file: "series/master") {
    precondition(series.formatted == bytes, "printed differently")
    for entry in series.entries {
      let path = try? RepoPath(entry.path)
      precondition(path?.components.count == 2, "an entry that is no file of a project")
      precondition(isProjectName(entry.project), "an entry of no project")
      _ = series.notes(on: entry.project)
    }
  }
  if let lock = try? UpstreamLock(parsing: bytes, file: "lock") {
    guard let again = try? UpstreamLock(parsing: lock.formatted, file: "lock") else {
      preconditionFailure("the lock cannot be read again")
    }
    precondition(again == lock, "another lock")
    precondition(again.formatted == lock.formatted, "printed differently")
  }
  if let path = try? RepoPath(bytes) { check(path) }
  let text = String(decoding: bytes, as: UTF8.self)
  if let date = AuthorDate(mail: text) ?? AuthorDate(show: text) {
    precondition(abs(date.offset) < 24 * 60, "no zone")
  }
  try? checkRepositoryAddress(text)
  _ = Release(text)
  return 0
}

private func check(_ path: RepoPath) {
  precondition(!path.bytes.isEmpty && path.bytes.first != 0x2f && path.bytes.last != 0x2f)
  for component in path.components {
    precondition(!component.isEmpty && !component.elementsEqual(".".utf8), "no component")
    precondition(!component.elementsEqual("..".utf8), "a way out of the tree")
    let lowered = String(decoding: component, as: UTF8.self).lowercased()
    precondition(lowered != ".git", "a .git directory")
  }
  var above = path.parent
  while let directory = above {
    precondition(directory.contains(path))
    above = directory.parent
  }
  _ = path.namesDevice
  try? checkLink(at: path, target: path.bytes)
}
