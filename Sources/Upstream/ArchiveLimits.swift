/// How much an archive may hold, so that a small file cannot fill the memory or take all day. The
/// largest known archive, Ansible's, has 50 MB that become 442 MB in 59,470 entries; of others the
/// largest file has 13 MB, and the most that one grows is 23 times.
struct ArchiveLimits: Sendable {
  var entries = 200_000
  /// The most bytes of the archive when it is unpacked, headers included.
  var totalSize = 1 << 30
  /// The most bytes of one file.
  var fileSize = 128 << 20
  /// Beyond `freeSize` an archive may grow to this many times its own size.
  var ratio = 64
  var freeSize = 64 << 20
  /// The most bytes of a path.
  var pathLength = 1024
  /// The most directories above a file, the top folder included.
  var depth = 64

  /// The most bytes that an archive of a size may have when it is unpacked.
  func expandedSize(of size: Int) -> Int {
    min(totalSize, freeSize + size.multipliedReportingOverflow(by: ratio).partialValue)
  }
}

/// Why an archive is not taken.
struct ArchiveProblem: Error, CustomStringConvertible {
  let description: String
  /// How many bytes had been unpacked by then.
  var unpacked = 0
}
