import CArchive
import Foundation
import Patches

/// How much an archive may hold, so that a small file cannot fill the memory.
struct ArchiveLimits: Sendable {
  var entries = 200_000
  var totalSize = 2 << 30
}

/// A file or symbolic link of an archive, its path without the archive's top folder.
struct ArchiveFile: Sendable {
  let path: RepoPath
  let mode: FileMode
  /// The bytes of the file; of a symbolic link its target.
  let content: [UInt8]
}

/// Why an archive is not taken.
struct ArchiveProblem: Error, CustomStringConvertible {
  let description: String
}

/// Reads a `.tar.gz` in memory. Nothing is written to the disk.
///
/// - Returns: its files and symbolic links in the order of the archive, without the one folder that
///   holds them all. Paths are checked one by one; `ArchiveTree` checks them against each other.
/// - Throws: the first entry that is not taken: a path that leaves the folder, a hard link, a
///   device, a symbolic link that leads out; and an archive that is damaged or larger than the
///   limits.
func readArchive(_ content: Data, limits: ArchiveLimits) throws(ArchiveProblem) -> [ArchiveFile] {
  // libarchive converts names through the thread's character set; without one it would replace
  // what is not ASCII, and two files could become one.
  let unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)
  let previous = uselocale(unicode)
  defer {
    uselocale(previous)
    if let unicode { freelocale(unicode) }
  }
  let reader = ArchiveReader()
  return try content.withUnsafeBytes { bytes in
    Result { () throws(ArchiveProblem) in try reader.files(of: bytes, limits: limits) }
  }.get()
}

/// libarchive's reader.
private struct ArchiveReader: ~Copyable {
  let handle = archive_read_new()

  deinit { archive_read_free(handle) }

  func files(
    of bytes: UnsafeRawBufferPointer, limits: ArchiveLimits
  ) throws(ArchiveProblem) -> [ArchiveFile] {
    archive_read_support_filter_gzip(handle)
    archive_read_support_format_tar(handle)
    try check(archive_read_open_memory(handle, bytes.baseAddress, bytes.count))
    var files: [ArchiveFile] = []
    var room = limits.totalSize
    var count = 0
    var top: ArraySlice<UInt8>?
    while let entry = try next() {
      count += 1
      guard count <= limits.entries else {
        throw ArchiveProblem(description: "it has more than \(limits.entries) entries")
      }
      let path = try path(of: entry)
      if let top, path.components[0] != top {
        throw ArchiveProblem(description: "'\(path)' is outside its top folder")
      }
      top = path.components[0]
      if let file = try file(entry, path, room: &room) { files.append(file) }
    }
    return files
  }

  private func next() throws(ArchiveProblem) -> OpaquePointer? {
    var entry: OpaquePointer?
    let code = archive_read_next_header(handle, &entry)
    if code == ARCHIVE_EOF { return nil }
    try check(code)
    return entry
  }

  /// The entry's path, the top folder included.
  private func path(of entry: OpaquePointer) throws(ArchiveProblem) -> RepoPath {
    guard let name = archive_entry_pathname(entry) ?? archive_entry_pathname_utf8(entry) else {
      throw ArchiveProblem(description: "an entry has no readable name")
    }
    var bytes = Array(UnsafeRawBufferPointer(start: name, count: strlen(name)))
    if archive_entry_filetype(entry) == S_IFDIR, bytes.count > 1, bytes.last == slash {
      bytes.removeLast()
    }
    do {
      return try RepoPath(bytes)
    } catch {
      throw ArchiveProblem(description: "'\(String(decoding: bytes, as: UTF8.self))': \(error)")
    }
  }

  /// The file or symbolic link of an entry, or nil for a directory.
  private func file(
    _ entry: OpaquePointer, _ path: RepoPath, room: inout Int
  ) throws(ArchiveProblem) -> ArchiveFile? {
    guard archive_entry_hardlink(entry) == nil else {
      throw ArchiveProblem(description: "'\(path)' is a hard link")
    }
    let type = archive_entry_filetype(entry)
    if type == S_IFDIR { return nil }
    guard let inside = withoutTop(path) else {
      throw ArchiveProblem(description: "'\(path)' is in no folder")
    }
    switch type {
    case S_IFREG:
      let isExecutable = archive_entry_perm(entry) & 0o100 != 0
      return ArchiveFile(
        path: inside, mode: isExecutable ? .executable : .regular,
        content: try data(of: path, room: &room))
    case S_IFLNK:
      let target = archive_entry_symlink(entry) ?? archive_entry_symlink_utf8(entry)
      let bytes = target.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } ?? []
      guard staysInside(target: bytes, of: inside) else {
        throw ArchiveProblem(description: "the symbolic link '\(path)' leads out of the tree")
      }
      return ArchiveFile(path: inside, mode: .symlink, content: bytes)
    default:
      throw ArchiveProblem(description: "'\(path)' is a device, a pipe or the like")
    }
  }

  private func data(of path: RepoPath, room: inout Int) throws(ArchiveProblem) -> [UInt8] {
    var data: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = buffer.withUnsafeMutableBytes {
        archive_read_data(handle, $0.baseAddress, $0.count)
      }
      if count == 0 { return data }
      try check(Int32(clamping: min(count, 0)))
      room -= count
      guard room >= 0 else {
        throw ArchiveProblem(
          description: "its files are larger than the limit; it ends at '\(path)'")
      }
      data += buffer[..<count]
    }
  }

  /// A warning counts as damage: the entry may not be what was packed.
  private func check(_ code: Int32) throws(ArchiveProblem) {
    guard code == ARCHIVE_OK else {
      let reason = archive_error_string(handle).map { String(cString: $0) }
      throw ArchiveProblem(description: "it is damaged: \(reason ?? "error \(code)")")
    }
  }
}

/// The path below the top folder, or nil if there is none.
private func withoutTop(_ path: RepoPath) -> RepoPath? {
  path.bytes.firstIndex(of: slash).flatMap { try? RepoPath(Array(path.bytes[($0 + 1)...])) }
}

/// True for a relative target of the form `../../a/b` that does not climb above the tree. A `..`
/// after a name is refused: where the name is itself a link, the climb starts somewhere else. With
/// every link of this form no chain of them leads out.
private func staysInside(target: [UInt8], of link: RepoPath) -> Bool {
  guard !target.isEmpty, target.first != slash else { return false }
  let steps = target.split(separator: slash)
  let up = Array("..".utf8)
  let climb = steps.prefix { $0.elementsEqual(up) }.count
  guard climb < link.components.count else { return false }
  let rest = steps.dropFirst(climb).filter { $0 != [UInt8(ascii: ".")] }
  return rest.isEmpty || (try? RepoPath(Array(rest.joined(separator: [slash])))) != nil
}

private let slash = UInt8(ascii: "/")
