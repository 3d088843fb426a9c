// Compiled by Tests/Fuzz/run into one module with Sources/Patches and Sources/PatchEngine.

/// Reads the input as a series, a lock, a path and an address. A series that can be read must print
/// as it was; a lock must print to what reads as the same lock; a path must keep its rules.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSeries(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  for sole in [nil, "demo"] {
    guard
      let series = try? Series(
        parsing: bytes, release: .master, file: "series", soleProject: sole)
    else { continue }
    precondition(series.formatted == bytes, "printed otherwise than read")
    for entry in series.entries {
      precondition(!entry.path.hasPrefix("/") && !entry.path.split(separator: "/").contains(".."))
      precondition(entry.path.hasSuffix(".patch") && !entry.path.hasPrefix("-"))
      precondition(series.entries(of: entry.project).contains(entry))
    }
  }
  if let lock = try? UpstreamLock(parsing: bytes, file: "lock") {
    let again = try? UpstreamLock(parsing: lock.formatted, file: "lock")
    precondition(again == lock, "a lock that does not read as itself")
  }
  if let path = try? RepoPath(bytes) {
    precondition(path.bytes == bytes)
    precondition(!path.components.contains { $0.isEmpty || $0.elementsEqual("..".utf8) })
  }
  _ = try? checkRepositoryAddress(String(decoding: bytes, as: UTF8.self))
  _ = AuthorDate(mail: String(decoding: bytes, as: UTF8.self))
  return 0
}
