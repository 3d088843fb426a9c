import Foundation
import Git

/// The clone that holds a workspace: the nearest folder upwards from the workspace with a `.git`, or the
/// workspace's own where there is none.
struct Clone {
  /// A folder, whatever path leads to it.
  struct Identity: Equatable {
    let device: dev_t
    let number: ino_t

    init(_ status: stat) {
      (device, number) = (status.st_dev, status.st_ino)
    }
  }

  let top: Identity
  let workspace: Identity

  /// - Throws: `UsageError` where the workspace is gone.
  init(of root: String) throws {
    var status = stat()
    guard let real = realpath(root, nil), stat(real, &status) == 0 else {
      throw refused("enter \(root)")
    }
    defer { free(real) }
    workspace = Identity(status)
    var folder = String(cString: real)
    while lstat("\(folder)/.git", &status) != 0, folder != "/", !folder.isEmpty {
      folder = (folder as NSString).deletingLastPathComponent
    }
    guard lstat("\(folder)/.git", &status) == 0, stat(folder, &status) == 0 else {
      top = workspace
      return
    }
    top = Identity(status)
  }
}

/// The way to a place that the user named, component by component from the top of the file system. It
/// follows the user's links itself, so that it knows when it comes into the clone.
struct Way: ~Copyable {
  private struct Step {
    let name: [UInt8]
    let identity: Clone.Identity
  }

  private let name: String
  private let clone: Clone
  private var folder: Descriptor
  private var steps: [Step] = []
  /// What is to be gone yet, the next component last.
  private var rest: [[UInt8]]
  private var links = 0
  private(set) var missing: [[UInt8]] = []
  private(set) var last: [UInt8] = []
  private(set) var found = NamedPlace.Found.folder

  /// As many links as Linux follows.
  private static let mostLinks = 40

  init(_ name: String, clone: Clone) throws {
    let rest = try Self.absolute(name)
    self.init(name, clone, rest, from: try Self.top())
  }

  private init(_ name: String, _ clone: Clone, _ rest: [[UInt8]], from top: consuming Descriptor) {
    (self.name, self.clone) = (name, clone)
    self.rest = rest.reversed()
    folder = top
    isTopInClone = Self.top(is: clone.top)
  }

  /// True where the clone is the whole file system, as in some containers.
  private let isTopInClone: Bool

  private static func top(is identity: Clone.Identity) -> Bool {
    var status = stat()
    return stat("/", &status) == 0 && Clone.Identity(status) == identity
  }

  /// The components of a path from the top of the file system.
  private static func absolute(_ name: String) throws -> [[UInt8]] {
    let own = components(Array(name.utf8))
    guard !name.hasPrefix("/") else { return own }
    guard let here = getcwd(nil, 0) else { throw refused("find the folder that \(name) is in") }
    defer { free(here) }
    let bytes = UnsafeRawBufferPointer(start: here, count: strlen(here))
    return components(Array(bytes)) + own
  }

  /// Goes one component further.
  ///
  /// - Returns: false at the end.
  mutating func goOn() throws -> Bool {
    guard let next = rest.popLast() else {
      if !missing.isEmpty { (last, found) = (missing.removeLast(), .absent) }
      return false
    }
    if next == Array("..".utf8) {
      guard missing.isEmpty else {
        throw UsageError("cannot find \(name): there is no \(decoded(missing[0])) to leave by '..'")
      }
      folder = try folder.above()
      _ = steps.popLast()
    } else if !missing.isEmpty {
      missing.append(next)
    } else {
      try enter(next)
    }
    return true
  }

  private mutating func enter(_ next: [UInt8]) throws {
    var status = stat()
    guard fstatat(folder.number, cString(next), &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      guard errno == ENOENT else { throw refused("reach \(name)") }
      return missing.append(next)
    }
    switch status.st_mode & S_IFMT {
    case S_IFLNK: try follow(next)
    case S_IFDIR:
      let number = openat(folder.number, cString(next), folderFlags | O_NOFOLLOW)
      guard number >= 0 else { throw refused("enter \(decoded(next)) on the way to \(name)") }
      folder = Descriptor(owning: number)
      steps.append(Step(name: next, identity: Clone.Identity(status)))
    case let kind:
      guard rest.isEmpty else {
        throw UsageError("cannot reach \(name): \(decoded(next)) is no folder")
      }
      guard kind == S_IFREG || !isInClone else {
        throw UsageError(
          "\(name) is a device, pipe or socket in the git clone around the workspace; kerb writes to "
            + "files only there")
      }
      (last, found) = (next, kind == S_IFREG ? .file : .stream)
    }
  }

  private mutating func follow(_ link: [UInt8]) throws {
    guard !isInClone else {
      let place = decoded(Array(pathInClone(link).joined(separator: [slash])))
      throw UsageError(
        "'\(place)' is a symbolic link in the git clone around the workspace, and kerb follows none "
          + "there; remove it, or name another place than \(name)")
    }
    if steps.first?.name == Array("proc".utf8), rest.isEmpty {
      // The name of an open descriptor: its text need not be a path.
      (last, found) = (link, .stream)
      return
    }
    links += 1
    var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = readlinkat(folder.number, cString(link), &target, target.count)
    if links > Self.mostLinks { errno = ELOOP }
    guard count >= 0, links <= Self.mostLinks else { throw refused("reach \(name)") }
    let bytes = target[..<count].map { UInt8(bitPattern: $0) }
    rest += components(bytes).reversed()
    guard bytes.first == slash else { return }
    folder = try Self.top()
    steps = []
  }

  private var isInClone: Bool { isTopInClone || steps.contains { $0.identity == clone.top } }

  private func pathInClone(_ name: [UInt8]) -> [[UInt8]] {
    let inside =
      isTopInClone ? steps[...] : steps.drop { $0.identity != clone.top }.dropFirst()
    return inside.map(\.name) + [name]
  }

  /// All components, also those that are not there.
  private var names: [[UInt8]] {
    steps.map(\.name) + missing + (last.isEmpty ? [] : [last])
  }

  var realPath: [UInt8] { [slash] + names.joined(separator: [slash]) }

  var pathInWorkspace: [UInt8]? {
    let top = steps.firstIndex { $0.identity == clone.workspace }
    guard top != nil || Self.top(is: clone.workspace) else { return nil }
    return Array(names[(top.map { $0 + 1 } ?? 0)...].joined(separator: [slash]))
  }

  /// The folder where the way ends.
  consuming func takeFolder() -> Descriptor { folder }

  private static func top() throws -> Descriptor { try Descriptor(opening: "/", folderFlags) }
}

/// The components of a path, without those that lead nowhere.
private func components(_ path: [UInt8]) -> [[UInt8]] {
  path.split(separator: slash).map(Array.init).filter { $0 != [UInt8(ascii: ".")] }
}

private func decoded(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

private let slash = UInt8(ascii: "/")

#if os(Linux)
  /// Of a folder on the way nothing is read: the permission to go through is enough.
  let folderFlags = pathOnly | O_DIRECTORY | O_CLOEXEC
  /// `O_PATH`, which Glibc's module leaves out.
  private let pathOnly: Int32 = 0o10_000_000
#else
  let folderFlags = O_SEARCH | O_DIRECTORY | O_CLOEXEC
#endif

extension Descriptor {
  /// The same folder once more.
  func again() throws -> Descriptor { try opened(".", folderFlags) }

  /// The folder above.
  func above() throws -> Descriptor { try opened("..", folderFlags) }

  private func opened(_ name: String, _ flags: Int32) throws -> Descriptor {
    let other = openat(number, name, flags | O_CLOEXEC)
    guard other >= 0 else { throw refused("enter a folder") }
    return Descriptor(owning: other)
  }

  var isEmptyFolder: Bool {
    let opened = openat(number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    return opened >= 0 && listDirectory(opened)?.isEmpty == true
  }

  /// Waits until the names in the folder are on the disk, as far as its file system can say so.
  func synchronizeNames() {
    if let folder = try? opened(".", O_RDONLY | O_DIRECTORY) { fsync(folder.number) }
  }
}
