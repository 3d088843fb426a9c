import CDeflate
import Crypto
import Patches
import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A pack that is written in one pass beside the others, and seen by git only when it is complete.
///
/// A class, because several threads append to one pack; a lock guards what they share. Deflating
/// happens before, in `ObjectEncoder`, so the lock is held for little more than a copy.
public final class PackWriter: Sendable {
  private let directory: String
  private let temporary: String
  private let file: Descriptor
  private let state: Mutex<State>

  private struct State {
    var entries: [PackEntry] = []
    var places: [ObjectID: Int] = [:]
    var buffer: [UInt8] = []
    /// The number of bytes before the buffer.
    var flushed = 0
    var isFinished = false
    /// Why the disk refused a part of the pack; what follows would be in the wrong place.
    var failure: GitError?
  }

  /// Starts a pack under a temporary name that git's own cleaning knows (`pack/tmp_pack_…`).
  public init(objectsDirectory: String) throws(GitError) {
    directory = objectsDirectory + "/pack"
    try makeDirectories(directory)
    temporary = temporaryName(directory + "/tmp_pack_")
    file = try Descriptor(opening: temporary, O_RDWR | O_CREAT | O_EXCL, mode: 0o444)
    var state = State()
    state.buffer.reserveCapacity(Self.bufferSize + (64 << 10))
    state.buffer += packHeader(count: 0)
    self.state = Mutex(state)
  }

  deinit {
    if !state.withLock({ $0.isFinished }) { unlink(temporary) }
  }

  /// True if the object has been appended.
  public func contains(_ id: ObjectID) -> Bool {
    state.withLock { $0.places[id] != nil }
  }

  /// The number of objects so far.
  public var count: Int { state.withLock { $0.entries.count } }

  /// Adds an object, unless the pack has it already.
  ///
  /// - Precondition: the base of a delta has been appended before.
  public func append(_ object: EncodedObject) throws(GitError) {
    let failure = state.withLock { state -> GitError? in
      precondition(!state.isFinished, "the pack is finished")
      guard state.failure == nil, state.places[object.id] == nil else { return state.failure }
      let start = state.buffer.count
      let offset = state.flushed + start
      let distance = object.base.map { base in
        guard let place = state.places[base] else {
          preconditionFailure("a delta without its base")
        }
        return offset - state.entries[place].offset
      }
      appendEntryHeader(object, distance: distance, to: &state.buffer)
      state.buffer += object.deflated
      let crc = state.buffer.withUnsafeBytes {
        libdeflate_crc32(0, $0.baseAddress! + start, $0.count - start)
      }
      state.places[object.id] = state.entries.count
      state.entries.append(PackEntry(id: object.id, offset: offset, crc: crc))
      if state.buffer.count >= Self.bufferSize { flush(&state) }
      return state.failure
    }
    if let failure { throw failure }
  }

  /// Completes the pack, and its index last.
  ///
  /// - Returns: the pack's path without `.pack`, or nil if nothing was appended. Where the same pack
  ///   is there already, this one is dropped.
  /// - Throws: where the disk fails; nothing is left behind then.
  public func finish() throws(GitError) -> String? {
    let (entries, size, failure) = state.withLock { state in
      precondition(!state.isFinished, "the pack is finished")
      state.isFinished = true
      if state.failure == nil { flush(&state) }
      return (state.entries, state.flushed, state.failure)
    }
    defer { unlink(temporary) }
    if let failure { throw failure }
    guard !entries.isEmpty else { return nil }
    let checksum = try seal(count: entries.count, size: size)
    let name = directory + "/pack-" + checksum.map(hexDigits).joined()
    guard access(name + ".idx", F_OK) != 0 else { return name }
    let index = temporaryName(directory + "/tmp_idx_")
    defer { unlink(index) }
    try write(packIndex(entries, packChecksum: checksum), to: index)
    try move(temporary, to: name + ".pack")
    do throws(GitError) {
      try move(index, to: name + ".idx")
    } catch {
      unlink(name + ".pack")
      throw error
    }
    try synchronizeDirectory(directory)
    return name
  }

  private static let bufferSize = 1 << 20

  private func flush(_ state: inout State) {
    do throws(GitError) {
      try file.write(state.buffer, "write a pack in \(directory)")
    } catch {
      state.failure = error
      return
    }
    state.flushed += state.buffer.count
    state.buffer.removeAll(keepingCapacity: true)
  }

  /// Writes the number of objects into the header and the checksum behind the last object.
  ///
  /// The header comes first under the checksum and is known last, so the file is hashed at the end,
  /// out of the page cache: about 60 ms for 100 MB.
  private func seal(count: Int, size: Int) throws(GitError) -> [UInt8] {
    let header = packHeader(count: count)
    guard pwrite(file.number, header, header.count, 0) == header.count else {
      throw GitError("write a pack in \(directory)", errno: errno)
    }
    guard let mapped = mmap(nil, size, PROT_READ, MAP_SHARED, file.number, 0), mapped != MAP_FAILED
    else { throw GitError("read a pack in \(directory)", errno: errno) }
    var hash = Insecure.SHA1()
    hash.update(bufferPointer: UnsafeRawBufferPointer(start: mapped, count: size))
    munmap(mapped, size)
    let checksum = Array(hash.finalize())
    try file.write(checksum, "write a pack in \(directory)")
    try file.synchronize("write a pack in \(directory)")
    return checksum
  }

  private func write(_ index: [UInt8], to path: String) throws(GitError) {
    let file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o444)
    try file.write(index, "write \(path)")
    try file.synchronize("write \(path)")
  }

  private func move(_ old: String, to new: String) throws(GitError) {
    guard rename(old, new) == 0 else { throw GitError("rename a pack to \(new)", errno: errno) }
  }
}

private func temporaryName(_ prefix: String) -> String {
  prefix + String(UInt64.random(in: 0...UInt64.max), radix: 36)
}

private func hexDigits(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return byte < 16 ? "0" + digits : digits
}
