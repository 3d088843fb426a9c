import Foundation
import Git
import Patches

/// What is at a place that the user named. Its folder is held open, so that a file is written where it was
/// found.
///
/// What came with a clone may be anything: in the clone that holds the workspace no symbolic link is
/// followed, and one on the way is refused by name. Elsewhere links are the user's own, and lead where
/// they point, as with any tool. Devices and pipes there are written through; nothing takes their place.
struct NamedPlace: ~Copyable {
  enum Found {
    case absent
    case file
    case folder
    /// A device, a pipe, or what a name of an open descriptor stands for.
    case stream
  }

  /// The place as the user named it.
  let name: String
  let found: Found
  /// The real path.
  let realPath: [UInt8]
  /// The path in the workspace; nil for a place elsewhere.
  let pathInWorkspace: [UInt8]?
  private let root: String
  /// The folder itself where one was found, else the nearest one above that is there.
  private let folder: Descriptor
  /// The folders below it that are missing.
  private let missing: [[UInt8]]
  /// The last name; empty where a folder was found.
  private let last: [UInt8]

  /// Looks a place up; nothing is made.
  ///
  /// - Throws: `UsageError` for a link in the clone, for what cannot be entered, and for what is no file
  ///   in the clone.
  init(_ name: String, in root: String) throws {
    var way = try Way(name, clone: Clone(of: root))
    while try way.goOn() {}
    (self.name, self.root) = (name, root)
    found = way.found
    realPath = way.realPath
    pathInWorkspace = way.pathInWorkspace
    (missing, last) = (way.missing, way.last)
    folder = way.takeFolder()
  }

  /// The bytes of the file; nil where there is none.
  ///
  /// - Throws: `Diagnostics` for what is no regular file, or too large.
  func read(limit: Int) throws -> [UInt8]? {
    switch found {
    case .absent: return nil
    case .folder: throw unread("not a regular file", "file-type")
    // What a descriptor's name leads to may be a file.
    case .stream: return try read(open(O_RDONLY | O_NONBLOCK, "read"), limit)
    case .file: return try read(open(O_RDONLY | O_NOFOLLOW | O_NONBLOCK, "read"), limit)
    }
  }

  private func read(_ file: borrowing Descriptor, _ limit: Int) throws -> [UInt8] {
    guard let status = try? file.regular("read \(name)") else {
      throw unread("not a regular file", "file-type")
    }
    guard Int(status.st_size) <= limit else {
      throw unread("\(status.st_size) bytes; \(limit) is the most", "file-size")
    }
    return try file.readFile("read \(name)", limit: limit)
  }

  private func unread(_ message: String, _ rule: String) -> Diagnostics {
    Diagnostics(Diagnostic(Location(name), message, rule: rule))
  }

  /// Puts bytes at the end, or makes a file of them.
  func append(_ bytes: [UInt8]) throws {
    switch found {
    case .folder: throw UsageError("cannot write \(name): it is a folder")
    case .stream: try stream().write(bytes, "write \(name)")
    case .file:
      let file = try open(O_WRONLY | O_APPEND | O_NOFOLLOW, "write")
      // The other name of a hard link may be anybody's file.
      guard try file.regular("write \(name)").st_nlink == 1 else {
        throw UsageError("cannot write \(name): the file has another name as well (a hard link)")
      }
      try file.write(bytes, "write \(name)")
    case .absent:
      guard missing.isEmpty else {
        throw UsageError("cannot write \(name): there is no such folder")
      }
      let folder = try madeFolder()
      let number = openat(
        folder.number, cString(last), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
      guard number >= 0 else { throw refused("write \(name)") }
      try Descriptor(owning: number).write(bytes, "write \(name)")
    }
  }

  /// Replaces the file in one step: readers see the old bytes or the new ones, also after a crash.
  ///
  /// - Parameters:
  ///   - own: a place of the caller's alone, at which the bytes are written first; by default one beside
  ///     the file. Where it is on another disk, it is of no use and one beside the file is taken.
  ///   - mode: the permissions that the file gets, less the process's mask.
  ///   - isExact: true where the mask has no say.
  /// - Throws: `UsageError` where the place cannot be written, `GitError` where the disk refuses.
  func replace(
    with bytes: [UInt8], through own: String? = nil, mode: mode_t = 0o644, isExact: Bool = false
  ) throws {
    switch found {
    case .folder: throw UsageError("cannot write \(name): it is a folder")
    case .stream: return try stream().write(bytes, "write \(name)")
    case .absent, .file: break
    }
    let target = try madeFolder()
    let beside = own == nil
    let temporary =
      if let own {
        try NamedPlace(own, in: root).ownTemporary()
      } else {
        TemporaryFile(folder: try target.again(), name: Array(".kerb-\(UUID().uuidString)".utf8))
      }
    try temporary.write(bytes, mode: mode, isExact: isExact, "write \(name)")
    guard
      renameat(temporary.folder.number, cString(temporary.name), target.number, cString(last)) == 0
    else {
      guard !beside, errno == EXDEV else { throw refused("replace \(name)") }
      return try replace(with: bytes, mode: mode, isExact: isExact)
    }
    target.synchronizeNames()
  }

  /// Makes a folder whole or not at all: it is written beside its place, and comes there by one rename.
  ///
  /// - Parameter body: writes into the folder whose real path it is given.
  /// - Throws: `Refusal` where there is something at the place already, `UsageError` and `GitError` as
  ///   `replace`, what the body throws; nothing is left then.
  func makeFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    try refuseContents()
    guard let real = String(validating: realPath, as: UTF8.self) else {
      throw UsageError("cannot make \(name): its path is not UTF-8")
    }
    let parent = if case .folder = found { try folder.above() } else { try madeFolder() }
    let above = (real as NSString).deletingLastPathComponent
    let temporary = ".kerb-\(UUID().uuidString)"
    let place = "\(above == "/" ? "" : above)/\(temporary)"
    guard mkdirat(parent.number, temporary, 0o777) == 0 else { throw refused("make \(name)") }
    do {
      let result = try body(place)
      let last = Array((real as NSString).lastPathComponent.utf8)
      guard renameat(parent.number, temporary, parent.number, cString(last)) == 0 else {
        throw refused("make \(name)")
      }
      return result
    } catch {
      try? FileManager.default.removeItem(atPath: place)
      throw error
    }
  }

  /// Refuses anything but a folder with nothing in it.
  private func refuseContents() throws {
    switch found {
    case .absent: return
    case .folder where folder.isEmptyFolder: return
    case .folder, .file, .stream:
      throw Refusal("\(name) is there and not an empty folder; remove it, or name another")
    }
  }

  private func open(_ flags: Int32, _ doing: String) throws -> Descriptor {
    let number = openat(folder.number, cString(last), flags | O_CLOEXEC | O_NOCTTY)
    guard number >= 0 else { throw refused("\(doing) \(name)") }
    return Descriptor(owning: number)
  }

  /// What is written through. A descriptor of this process is taken as it is: it may be a socket, or
  /// have a place in a file.
  private func stream() throws -> Descriptor {
    let own = Array("/proc/\(getpid())/fd/".utf8)
    guard realPath.starts(with: own),
      let number = Int32(String(decoding: realPath.dropFirst(own.count), as: UTF8.self))
    else { return try open(O_WRONLY | O_APPEND, "write") }
    let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw refused("write \(name)") }
    return Descriptor(owning: copy)
  }

  /// The folder that the place is in, made with those above it as far as they are missing.
  private func madeFolder() throws -> Descriptor {
    var current = try folder.again()
    for component in missing {
      guard mkdirat(current.number, cString(component), 0o777) == 0 || errno == EEXIST else {
        throw refused("make the folder of \(name)")
      }
      let next = openat(current.number, cString(component), folderFlags | O_NOFOLLOW)
      guard next >= 0 else { throw refused("make the folder of \(name)") }
      current = Descriptor(owning: next)
    }
    return current
  }

  /// A file of the caller's alone at the place; what a killed process left there is removed.
  private consuming func ownTemporary() throws -> TemporaryFile {
    let folder = try madeFolder()
    unlinkat(folder.number, cString(last), 0)
    return TemporaryFile(folder: folder, name: last)
  }
}

/// A file that is not in its place yet; removed with the value where it never got there.
private struct TemporaryFile: ~Copyable {
  let folder: Descriptor
  let name: [UInt8]

  deinit {
    unlinkat(folder.number, cString(name), 0)
  }

  func write(_ bytes: [UInt8], mode: mode_t, isExact: Bool, _ doing: String) throws {
    let number = openat(
      folder.number, cString(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
    guard number >= 0 else { throw refused(doing) }
    let file = Descriptor(owning: number)
    guard !isExact || fchmod(number, mode) == 0 else { throw refused(doing) }
    try file.write(bytes, doing)
    try file.synchronize(doing)
  }
}

extension Workspace {
  /// Puts bytes at the end of a file that the user named.
  ///
  /// - Throws: `UsageError` where it cannot be written, as a link in the workspace, which is never
  ///   followed; `GitError` where the disk refuses.
  public func append(_ bytes: [UInt8], to file: String) throws {
    try NamedPlace(file, in: root).append(bytes)
  }

  /// The bytes of a file that the user named; nil where there is none.
  ///
  /// - Throws: `UsageError` for a link in the workspace, which is never followed; `Diagnostics` for what is
  ///   no regular file, or too large.
  public func contents(of file: String, limit: Int) throws -> [UInt8]? {
    try NamedPlace(file, in: root).read(limit: limit)
  }

  /// True where what is written to the place the user named goes on to somebody: a device, a pipe.
  public func isStream(_ file: String) throws -> Bool {
    if case .stream = try NamedPlace(file, in: root).found { true } else { false }
  }
}
