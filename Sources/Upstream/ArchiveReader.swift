import CArchive
import Foundation
import Patches

/// A file or symbolic link of an archive, its path without the archive's top folder.
struct ArchiveFile: Sendable {
  let path: RepoPath
  let mode: FileMode
  /// The number of bytes of a file.
  let size: Int
  /// Where a symbolic link points to; empty for a file.
  let target: [UInt8]
}

/// What an archive holds, without the content of its files.
struct ArchiveSurvey: Sendable {
  /// The files and symbolic links in the order of the archive.
  var files: [ArchiveFile] = []
  var directories: [RepoPath] = []
}

/// Looks through a `.tar.gz` in memory and holds none of what it has in it. Nothing is written to
/// the disk.
///
/// - Returns: what it has, without the one folder that holds it all. Paths are checked one by one;
///   `ArchiveTree` checks them against each other.
/// - Throws: the first entry that is not taken: a path that leaves the folder, a hard link, a
///   device, a file with holes, a symbolic link that leads out; and an archive that is damaged or
///   larger than the limits.
func surveyArchive(
  _ content: [UInt8], limits: ArchiveLimits
) throws(ArchiveProblem) -> ArchiveSurvey {
  try reading(content) { reader throws(ArchiveProblem) in
    var survey = ArchiveSurvey()
    do throws(ArchiveProblem) {
      try reader.survey(&survey, limits: limits, room: limits.expandedSize(of: content.count))
    } catch {
      throw ArchiveProblem(description: error.description, unpacked: reader.unpacked)
    }
    return survey
  }
}

/// Reads an archive that has been surveyed once more and gives the content of each file, with the
/// file's position in the survey. One file at a time is in memory.
func readFiles(
  of content: [UInt8], _ files: [ArchiveFile], _ body: (Int, [UInt8]) throws -> Void
) throws {
  let result = try reading(content) { reader throws(ArchiveProblem) in
    Result { try reader.contents(of: files, body) }
  }
  try result.get()
}

private func reading<Value>(
  _ content: [UInt8], _ body: (borrowing ArchiveReader) throws(ArchiveProblem) -> Value
) throws(ArchiveProblem) -> Value {
  // libarchive converts names through the thread's character set; without one it would replace
  // what is not ASCII, and two files could become one.
  let unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)
  let previous = uselocale(unicode)
  defer {
    uselocale(previous)
    if let unicode { freelocale(unicode) }
  }
  return try content.withUnsafeBytes { bytes in
    Result { () throws(ArchiveProblem) in
      let reader = ArchiveReader()
      try reader.open(bytes)
      return try body(reader)
    }
  }.get()
}

/// libarchive's reader.
private struct ArchiveReader: ~Copyable {
  let handle = archive_read_new()

  deinit { archive_read_free(handle) }

  func open(_ bytes: UnsafeRawBufferPointer) throws(ArchiveProblem) {
    archive_read_support_filter_gzip(handle)
    archive_read_support_format_tar(handle)
    try check(archive_read_open_memory(handle, bytes.baseAddress, bytes.count))
    // libarchive would take gzip within gzip, which grows a million times.
    guard archive_filter_count(handle) == 2, archive_filter_code(handle, 0) == ARCHIVE_FILTER_GZIP
    else { throw ArchiveProblem(description: "it is not packed with gzip, once") }
  }

  /// The bytes that have been unpacked so far.
  var unpacked: Int { Int(archive_filter_bytes(handle, 0)) }

  func survey(
    _ survey: inout ArchiveSurvey, limits: ArchiveLimits, room: Int
  ) throws(ArchiveProblem) {
    var count = 0
    var top: ArraySlice<UInt8>?
    while let entry = try next() {
      count += 1
      guard count <= limits.entries else {
        throw ArchiveProblem(description: "it has more than \(limits.entries) entries")
      }
      let path = try path(of: entry, limits)
      if let top, path.components[0] != top {
        throw ArchiveProblem(description: "'\(path)' is outside its top folder")
      }
      top = path.components[0]
      if let file = try file(entry, path, limits) {
        survey.files.append(file)
        try checkRoom(file.size, room, path)
      } else if let inside = withoutTop(path) {
        survey.directories.append(inside)
      }
      try checkRoom(0, room, path)
    }
  }

  private func checkRoom(_ size: Int, _ room: Int, _ path: RepoPath) throws(ArchiveProblem) {
    guard unpacked + size <= room else {
      throw ArchiveProblem(
        description: "unpacked it is larger than the limit of \(room) bytes; it ends at '\(path)'")
    }
  }

  func contents(of files: [ArchiveFile], _ body: (Int, [UInt8]) throws -> Void) throws {
    var index = 0
    while let entry = try next() {
      if archive_entry_filetype(entry) == S_IFDIR { continue }
      precondition(index < files.count, "the archive that was surveyed")
      let file = files[index]
      try body(index, file.mode == .symlink ? file.target : try data(of: file))
      index += 1
    }
  }

  private func next() throws(ArchiveProblem) -> OpaquePointer? {
    var entry: OpaquePointer?
    let code = archive_read_next_header(handle, &entry)
    if code == ARCHIVE_EOF { return nil }
    try check(code)
    return entry
  }

  /// The entry's path, the top folder included.
  private func path(
    of entry: OpaquePointer, _ limits: ArchiveLimits
  ) throws(ArchiveProblem) -> RepoPath {
    guard let name = archive_entry_pathname(entry) ?? archive_entry_pathname_utf8(entry) else {
      throw ArchiveProblem(description: "an entry has no readable name")
    }
    var bytes = Array(UnsafeRawBufferPointer(start: name, count: strlen(name)))
    if archive_entry_filetype(entry) == S_IFDIR, bytes.count > 1, bytes.last == slash {
      bytes.removeLast()
    }
    let shown = String(decoding: bytes.prefix(200), as: UTF8.self)
    guard bytes.count <= limits.pathLength else {
      throw ArchiveProblem(
        description: "'\(shown)…' has \(bytes.count) bytes; \(limits.pathLength) is the most")
    }
    guard bytes.count(where: { $0 == slash }) <= limits.depth else {
      throw ArchiveProblem(description: "'\(shown)…' is in more than \(limits.depth) folders")
    }
    do {
      return try RepoPath(bytes)
    } catch {
      throw ArchiveProblem(description: "'\(shown)': \(error)")
    }
  }

  /// The file or symbolic link of an entry, or nil for a directory.
  private func file(
    _ entry: OpaquePointer, _ path: RepoPath, _ limits: ArchiveLimits
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
        size: try size(of: entry, path, limits), target: [])
    case S_IFLNK:
      let target = archive_entry_symlink(entry) ?? archive_entry_symlink_utf8(entry)
      let bytes = target.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } ?? []
      guard staysInside(target: bytes, of: inside) else {
        throw ArchiveProblem(description: "the symbolic link '\(path)' leads out of the tree")
      }
      return ArchiveFile(path: inside, mode: .symlink, size: 0, target: bytes)
    default:
      throw ArchiveProblem(description: "'\(path)' is a device, a pipe or the like")
    }
  }

  private func size(
    of entry: OpaquePointer, _ path: RepoPath, _ limits: ArchiveLimits
  ) throws(ArchiveProblem) -> Int {
    guard archive_entry_sparse_count(entry) == 0 else {
      throw ArchiveProblem(description: "'\(path)' is a file with holes")
    }
    let size = Int(archive_entry_size(entry))
    guard size <= limits.fileSize else {
      throw ArchiveProblem(
        description: "'\(path)' has \(size) bytes; \(limits.fileSize) is the most")
    }
    return size
  }

  private func data(of file: ArchiveFile) throws(ArchiveProblem) -> [UInt8] {
    var result = 0
    let data = [UInt8](unsafeUninitializedCapacity: file.size) { buffer, count in
      while count < file.size {
        result = archive_read_data(handle, buffer.baseAddress! + count, file.size - count)
        guard result > 0 else { return }
        count += result
      }
    }
    try check(Int32(clamping: min(result, 0)))
    guard data.count == file.size else {
      throw ArchiveProblem(description: "it is damaged: '\(file.path)' ends early")
    }
    return data
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
