import Git
import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Waits until a directory with everything below it is on the disk.
func synchronizeAll(_ path: String) throws(GitError) {
  var disk = try DiskTree(at: path)
  for name in disk.names(in: nil) ?? [] {
    let below = path + "/" + String(decoding: name, as: UTF8.self)
    var status = stat()
    guard lstat(below, &status) == 0 else { continue }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: try synchronizeAll(below)
    case S_IFREG: try Descriptor(opening: below, O_RDONLY).synchronize("sync \(below)")
    default: continue
    }
  }
  try synchronizeDirectory(path)
}
