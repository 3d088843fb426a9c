#if canImport(Darwin)
  private import Darwin
#else
  private import Glibc
#endif

/// Why no folder for temporary files could be made.
public struct PrivateFolderError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
}

/// Makes a folder for files that nobody else may see, below the one for temporary files (`TMPDIR`, else
/// `/tmp`). It is outside of the workspace: what a program looks for in the folders above the one that it
/// starts in must not come with a clone. Whoever makes it removes it.
///
/// - Parameter purpose: a part of its name.
/// - Returns: its path, without links.
public func makePrivateFolder(for purpose: String) throws(PrivateFolderError) -> String {
  let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
  let above = named.isEmpty ? "/tmp" : named
  var template = Array("\(above)/kerb-\(purpose)-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil, let real = realpath(template, nil) else {
    let reason = String(cString: strerror(errno))
    throw PrivateFolderError(
      description: "no folder for temporary files can be made in \(above)"
        + "\(named.isEmpty ? "" : ", which TMPDIR names"): \(reason); "
        + "set TMPDIR to a folder that this user may write to")
  }
  defer { free(real) }
  return String(cString: real)
}
