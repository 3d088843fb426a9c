import Dispatch
import Foundation
import Patches
import Synchronization

/// The number of cores that this machine offers.
public let coreCount = ProcessInfo.processInfo.activeProcessorCount

/// Reads and parses patch files, with all cores.
///
/// - Parameter files: paths that the user named; messages use them too.
/// - Returns: for each file in order the patch, or what is wrong with it.
public func readPatches(_ files: [String]) -> [Swift.Result<Patch, Diagnostics>] {
  readPatches(files) { path throws(Diagnostics) in
    try readFile(path, name: path, limit: Patch.maximumSize)
  }
}

extension WorkspaceFiles {
  /// Reads and parses patch files of the workspace, with all cores.
  ///
  /// - Returns: for each file in order the patch, or what is wrong with it.
  func patches(_ names: [String]) -> [Swift.Result<Patch, Diagnostics>] {
    readPatches(names) { name throws(Diagnostics) in
      try read(name, limit: Patch.maximumSize)
    }
  }
}

private func readPatches(
  _ files: [String], _ read: @Sendable (String) throws(Diagnostics) -> [UInt8]
) -> [Swift.Result<Patch, Diagnostics>] {
  let results = Mutex([Swift.Result<Patch, Diagnostics>?](repeating: nil, count: files.count))
  let chunk = max(1, files.count / (coreCount * 8))
  let chunks = (files.count + chunk - 1) / chunk
  DispatchQueue.concurrentPerform(iterations: chunks) { index in
    let range = index * chunk..<min(files.count, (index + 1) * chunk)
    let found = range.map { readPatch(files[$0], read) }
    results.withLock { all in
      for (offset, result) in zip(range, found) { all[offset] = result }
    }
  }
  return results.withLock { $0.map { $0! } }
}

/// The patches, where all files could be read.
///
/// - Throws: the mistakes in all of them.
func allPatches(
  _ results: [Swift.Result<Patch, Diagnostics>]
) throws(Diagnostics) -> [Patch] {
  var problems: [Diagnostic] = []
  var patches: [Patch] = []
  for result in results {
    switch result {
    case .success(let patch): patches.append(patch)
    case .failure(let diagnostics): problems += diagnostics.all
    }
  }
  guard problems.isEmpty else { throw Diagnostics(problems) }
  return patches
}

private func readPatch(
  _ name: String, _ read: (String) throws(Diagnostics) -> [UInt8]
) -> Swift.Result<Patch, Diagnostics> {
  do throws(Diagnostics) {
    return .success(try Patch(parsing: read(name), name: name))
  } catch {
    return .failure(error)
  }
}

/// The bytes of a regular file that the user named, through links as any tool. A directory, a device or
/// a FIFO is refused, and nothing waits for it. Files of the workspace are read with `WorkspaceFiles`.
///
/// - Throws: one diagnostic under the name.
public func readFile(
  _ path: String, name: String, limit: Int
) throws(Diagnostics) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
  guard descriptor >= 0 else {
    throw Diagnostics(
      Diagnostic(
        Location(name), errno == ENOENT ? "no such file" : String(cString: strerror(errno)),
        rule: "file-read"))
  }
  return try readFile(descriptor, name: name, limit: limit)
}

/// The bytes of an open file, which is closed.
func readFile(
  _ descriptor: Int32, name: String, limit: Int
) throws(Diagnostics) -> [UInt8] {
  func problem(_ message: String, _ rule: String) -> Diagnostics {
    Diagnostics(Diagnostic(Location(name), message, rule: rule))
  }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
    throw problem("not a regular file", "file-type")
  }
  guard Int(status.st_size) <= limit else {
    throw problem("\(status.st_size) bytes; \(limit) is the most", "file-size")
  }
  let size = Int(status.st_size)
  var failed = false
  let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
    while count < size {
      let got = read(descriptor, buffer.baseAddress! + count, size - count)
      if got < 0 { failed = true }
      guard got > 0 else { return }
      count += got
    }
  }
  if failed { throw problem(String(cString: strerror(errno)), "file-read") }
  return bytes
}
