import CLibgit2
import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Looks at the loose objects of a store, which people's own commits in a work tree are: libgit2 writes
/// what a small one holds behind what its header says into memory that is not its own.
///
/// Only the start of each is read; what it holds is compared with its name when it is read for use.
///
/// - Throws: the first file that is no loose object.
func judgeLooseObjects(of path: String, limit: Int) throws(StateProblem) {
  for first in 0..<256 {
    let digits = String(first, radix: 16)
    let folder = "\(path)/objects/\(digits.count == 1 ? "0" : "")\(digits)"
    let number = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard number >= 0, let names = listDirectory(number) else { continue }
    for name in names.map({ String(decoding: $0, as: UTF8.self) }) where name.count == 38 {
      guard isLooseObject("\(folder)/\(name)", limit) else {
        throw StateProblem(
          "\(folder)/\(name)",
          "it is damaged, or an object over \(limit) bytes, which kerb does not read; "
            + "'git fsck' says more")
      }
    }
  }
}

private func isLooseObject(_ path: String, _ limit: Int) -> Bool {
  let number = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
  // One that git has just packed.
  guard number >= 0 else { return errno == ENOENT }
  let file = Descriptor(owning: number)
  var packed = [UInt8](repeating: 0, count: 4096)
  let count = read(file.number, &packed, packed.count)
  guard count > 2, packed[0] & 0x8f == 0x08, (Int(packed[0]) << 8 | Int(packed[1])) % 31 == 0 else {
    return false
  }
  var start = [UInt8](repeating: 0, count: 64)
  var ends: Int32 = 0
  let given = kerb_inflate_start(packed, count, &start, start.count, &ends)
  guard given > 0, let (header, size) = looseHeader(start[..<given]), size <= limit else {
    return false
  }
  return ends != 0 ? header + size == given : header + size > given
}

/// How long the header of an object is, with its NUL, and the size that it states.
func looseHeader(_ bytes: ArraySlice<UInt8>) -> (header: Int, size: Int)? {
  guard let nul = bytes.firstIndex(of: 0), let space = bytes[..<nul].firstIndex(of: 0x20) else {
    return nil
  }
  let kinds = ["commit", "tree", "blob", "tag"]
  let digits = bytes[(space + 1)..<nul]
  guard kinds.contains(where: { bytes[..<space].elementsEqual($0.utf8) }),
    digits.allSatisfy({ (0x30...0x39).contains($0) }),
    let size = Int(String(decoding: digits, as: UTF8.self))
  else { return nil }
  return (nul + 1 - bytes.startIndex, size)
}
