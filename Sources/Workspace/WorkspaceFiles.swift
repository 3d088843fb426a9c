import Foundation
import Patches

/// The files of a workspace, read without following a link: not at a file, nor on the way to it. A link
/// that comes with a clone could lead to any file that its reader can read.
struct WorkspaceFiles: Sendable {
  /// The workspace's folder.
  let root: String

  /// What is at a path.
  enum Found: Hashable {
    case absent
    case file
    case folder
    /// A symbolic link, a device, a pipe or a socket, or something below one or below a file; which.
    case other(String)
  }

  /// What is at a path of the workspace, components divided by slashes.
  func look(at name: String) -> Found {
    withFolder(of: name) { folder, last in
      var status = stat()
      guard fstatat(folder, last, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return .absent }
      switch status.st_mode & S_IFMT {
      case S_IFREG: return .file
      case S_IFDIR: return .folder
      case S_IFLNK: return .other(Self.link)
      default: return .other("not a regular file")
      }
    } otherwise: {
      $0
    }
  }

  /// True if there is anything at a path, be it what kerb does not read.
  func has(_ name: String) -> Bool { look(at: name) != .absent }

  /// A file's bytes.
  ///
  /// - Throws: one diagnostic under the name: where there is none, a link, anything but a regular file,
  ///   or more bytes than the limit.
  func read(_ name: String, limit: Int) throws(Diagnostics) -> [UInt8] {
    let opened: Result<Int32, Diagnostics> = withFolder(of: name) { folder, last in
      let number = openat(folder, last, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
      guard number < 0 else { return .success(number) }
      switch errno {
      case ENOENT: return .failure(problem(name, "no such file", "file-read"))
      case ELOOP: return .failure(problem(name, Self.link, "file-type"))
      default: return .failure(problem(name, String(cString: strerror(errno)), "file-read"))
      }
    } otherwise: { found in
      if case .other(let what) = found { return .failure(problem(name, what, "file-type")) }
      return .failure(problem(name, "no such file", "file-read"))
    }
    return try readFile(opened.get(), name: name, limit: limit)
  }

  /// The names in a folder, in order; none where it is absent.
  ///
  /// - Throws: one diagnostic where it is a link or no folder, or cannot be read.
  func names(in folder: String) throws(Diagnostics) -> [String] {
    switch look(at: folder) {
    case .absent: return []
    case .folder: break
    case .file: throw problem(folder, "not a folder", "file-type")
    case .other(let what): throw problem(folder, what, "file-type")
    }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")
    else {
      throw problem(folder, "the folder cannot be read", "file-read")
    }
    return names.sorted()
  }

  static let link = "a symbolic link; kerb follows none in a workspace. Put the file in its place"

  /// Opens the folder of a path component by component.
  ///
  /// - Parameters:
  ///   - body: gets the folder, which is closed afterwards, and the last component.
  ///   - otherwise: gets what is in the way.
  private func withFolder<Value>(
    of name: String, _ body: (Int32, String) -> Value, otherwise: (Found) -> Value
  ) -> Value {
    let components = name.split(separator: "/").map(String.init)
    guard let last = components.last, !components.contains(".."), !name.hasPrefix("/") else {
      return otherwise(.other("not a path of the workspace"))
    }
    var folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { return otherwise(.absent) }
    defer { close(folder) }
    for (index, component) in components.dropLast().enumerated() {
      let next = openat(folder, component, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard next >= 0 else {
        guard errno != ENOENT else { return otherwise(.absent) }
        let above = components[...index].joined(separator: "/")
        return otherwise(.other("\(above) is a symbolic link or no folder; kerb follows no links"))
      }
      close(folder)
      folder = next
    }
    return body(folder, last)
  }
}

private func problem(_ name: String, _ message: String, _ rule: String) -> Diagnostics {
  Diagnostics(Diagnostic(Location(name), message, rule: rule))
}
