import Dispatch
import Git
import Patches
import Synchronization

/// A commit and its tree.
struct ImportedTree: Hashable, Sendable {
  let commit: ObjectID
  let tree: ObjectID
}

/// Writes the files of an archive into a repository as one commit without parents, in one pack.
/// Author, date and message depend on the archive alone, so the commit's id is the same on every
/// machine. No ref is written.
///
/// - Parameters:
///   - tree: What the archive has been found to hold.
///   - title: The archive's name and version: `nova 29.4.0`.
func importArchive(
  _ tree: ArchiveTree, from content: [UInt8], title: String, digest: String,
  into repository: String
) throws -> ImportedTree {
  let writer = try PackWriter(objectsDirectory: repository + "/objects")
  let blobs = try writeBlobs(tree.files, of: content, to: writer)
  var encoder = ObjectEncoder()
  let files = tree.files
  let tree = try writeTree(tree.root, files, blobs, to: writer, with: &encoder)
  let author = Signature(
    name: Array("kerb".utf8), email: Array("kerb@localhost".utf8), seconds: importDate, offset: 0)
  let record = CommitRecord(
    tree: tree, parents: [], author: author, committer: author,
    message: Array("\(title) (released archive)\n\nsha256: \(digest)\n".utf8))
  let commit = try write(.commit, record.bytes, to: writer, with: &encoder)
  _ = try writer.finish()
  return ImportedTree(commit: commit, tree: tree)
}

/// 2000-01-01 00:00 UTC.
private let importDate: Int64 = 946_684_800

/// Reads one part of the archive after the other, so that not all of it is in memory.
///
/// - Returns: the files' ids in order.
private func writeBlobs(
  _ files: [ArchiveFile], of archive: [UInt8], to writer: PackWriter
) throws -> [ObjectID] {
  var ids: [ObjectID] = []
  ids.reserveCapacity(files.count)
  var part: [[UInt8]] = []
  var size = 0
  try readFiles(of: archive, files) { _, content in
    part.append(content)
    size += content.count
    if size >= partSize || part.count >= 4096 {
      ids += try writeBlobs(part, to: writer)
      part = []
      size = 0
    }
  }
  return ids + (try writeBlobs(part, to: writer))
}

private let partSize = 16 << 20

/// Hashes and deflates on all cores.
private func writeBlobs(_ contents: [[UInt8]], to writer: PackWriter) throws -> [ObjectID] {
  let stride = 64
  let results = Mutex<(ids: [ObjectID], failure: GitError?)>(
    (Array(repeating: .zero, count: contents.count), nil))
  DispatchQueue.concurrentPerform(iterations: (contents.count + stride - 1) / stride) { batch in
    let range = batch * stride..<min((batch + 1) * stride, contents.count)
    var encoder = ObjectEncoder()
    do throws(GitError) {
      var ids: [ObjectID] = []
      for content in contents[range] {
        ids.append(try write(.blob, content, to: writer, with: &encoder))
      }
      results.withLock { $0.ids.replaceSubrange(range, with: ids) }
    } catch {
      results.withLock { $0.failure = error }
    }
  }
  let (ids, failure) = results.withLock { $0 }
  if let failure { throw failure }
  return ids
}

private func writeTree(
  _ directory: ArchiveTree.Directory, _ files: [ArchiveFile], _ blobs: [ObjectID],
  to writer: PackWriter, with encoder: inout ObjectEncoder
) throws(GitError) -> ObjectID {
  var entries: [(key: [UInt8], bytes: [UInt8])] = []
  for (name, index) in directory.files {
    entries.append((name, treeEntry(name, files[index].mode, blobs[index])))
  }
  for (name, child) in directory.directories {
    let id = try writeTree(child, files, blobs, to: writer, with: &encoder)
    entries.append((name + [UInt8(ascii: "/")], treeEntry(name, .tree, id)))
  }
  // Git orders a directory as if its name ended in a slash.
  entries.sort { $0.key.lexicographicallyPrecedes($1.key) }
  return try write(.tree, entries.flatMap(\.bytes), to: writer, with: &encoder)
}

private func treeEntry(_ name: [UInt8], _ mode: FileMode, _ id: ObjectID) -> [UInt8] {
  Array("\(String(mode.raw, radix: 8)) ".utf8) + name + [0] + id.raw
}

private func write(
  _ kind: ObjectKind, _ bytes: [UInt8], to writer: PackWriter, with encoder: inout ObjectEncoder
) throws(GitError) -> ObjectID {
  let id = try objectID(kind, bytes.span)
  if !writer.contains(id) { try writer.append(encoder.whole(kind, bytes.span, id: id)) }
  return id
}
