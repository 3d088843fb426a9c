import Foundation
import Git
import Patches

/// The files of a workspace, read without following a link: not at a file, nor on the way to it. A link
/// that comes with a clone could lead to any file that its reader can read.
struct WorkspaceFiles: Sendable {
  /// The workspace's folder.
  let root: String
  /// Contents that are to be written, in the place of those on disk; nil for a file that is to go.
  let proposed: [String: [UInt8]?]

  init(root: String, proposed: [String: [UInt8]?] = [:]) {
    (self.root, self.proposed) = (root, proposed)
  }

  /// What is at a path.
  enum Found: Hashable {
    case absent
    case file
    case folder
    /// A symbolic link, a device, a pipe or a socket, something below one or below a file, or what may
    /// not be looked at; which.
    case other(String)
  }

  /// What is at a path of the workspace, components divided by slashes.
  func look(at name: String) -> Found { lookUp(name).found }

  /// True if there is anything at a path, be it what kerb does not read.
  func has(_ name: String) -> Bool { look(at: name) != .absent }

  /// A file's bytes.
  ///
  /// - Parameter shown: what messages call it, if not by its name.
  /// - Throws: one diagnostic: where there is none, a link, anything but a regular file, or more bytes
  ///   than the limit.
  func read(
    _ name: String, limit: Int, as shown: String? = nil
  ) throws(Diagnostics) -> [UInt8] {
    let (found, size) = lookUp(name)
    let shown = shown ?? name
    switch found {
    case .absent: throw problem(shown, "no such file", "file-read")
    case .folder: throw problem(shown, "not a regular file", "file-type")
    case .other(let what): throw problem(shown, what, "file-type")
    case .file where size > limit:
      throw problem(shown, "\(size) bytes; \(limit) is the most", "file-size")
    case .file: break
    }
    if let bytes = proposed[name] ?? nil { return bytes }
    do {
      var disk = try DiskTree(at: root)
      return try disk.readFile(RepoPath(name), limit: limit)
    } catch {
      throw problem(shown, (error as? GitError)?.reason ?? "\(error)", "file-read")
    }
  }

  /// The names in a folder, in order; none where it is absent.
  ///
  /// - Throws: one diagnostic where it is a link or no folder, or cannot be read.
  func names(in folder: String) throws(Diagnostics) -> [String] {
    var names = Set(try namesOnDisk(in: folder))
    for (path, bytes) in proposed {
      let cut = path.lastIndex(of: "/") ?? path.startIndex
      guard path[..<cut] == folder else { continue }
      let name = String(path[path.index(after: cut)...])
      if bytes == nil { names.remove(name) } else { names.insert(name) }
    }
    return names.sorted()
  }

  private func namesOnDisk(in folder: String) throws(Diagnostics) -> [String] {
    switch look(at: folder) {
    case .absent: return []
    case .folder: break
    case .file: throw problem(folder, "not a folder", "file-type")
    case .other(let what): throw problem(folder, what, "file-type")
    }
    guard var disk = try? DiskTree(at: root), let path = try? RepoPath(folder),
      let names = disk.names(in: path)
    else { throw problem(folder, "the folder cannot be read", "file-read") }
    return names.map { String(decoding: $0, as: UTF8.self) }
  }

  static let link = "a symbolic link; kerb follows none in a workspace. Put the file in its place"

  /// What is at a path, and of a file how many bytes it has.
  private func lookUp(_ name: String) -> (found: Found, size: Int) {
    guard let path = try? RepoPath(name) else { return (.other("not a path of the workspace"), 0) }
    if let bytes = proposed[name] { return bytes.map { (.file, $0.count) } ?? (.absent, 0) }
    guard var disk = try? DiskTree(at: root) else { return (.absent, 0) }
    do {
      switch try disk.look(at: path) {
      case .absent: return (.absent, 0)
      case .file(let status): return (.file, Int(status.st_size))
      case .directory: return (.folder, 0)
      case .symlink: return (.other(Self.link), 0)
      case .other: return (.other("not a regular file"), 0)
      case .blocked:
        let above = disk.nearestDirectory(above: path)?.components.count ?? 0
        let inTheWay = path.components.prefix(above + 1).map { String(decoding: $0, as: UTF8.self) }
        let what = "is a symbolic link or no folder; kerb follows no links"
        return (.other("\(inTheWay.joined(separator: "/")) \(what)"), 0)
      }
    } catch {
      return (.other(error.reason), 0)
    }
  }
}

private func problem(_ name: String, _ message: String, _ rule: String) -> Diagnostics {
  Diagnostics(Diagnostic(Location(name), message, rule: rule))
}
