import Git
import PatchEngine
import Patches

/// Names each version of a file and, where there is a pack, stores it: the first version of a file
/// whole, the next as deltas that follow from the hunks, so that no search for them is needed.
struct ObjectRecorder: VersionRecorder, ~Copyable {
  /// A version is stored whole after this many deltas, so that reading it stays quick.
  private static let longestChain = 50

  private let pack: PackWriter?
  private var encoder = ObjectEncoder()
  private var buffer: [UInt8] = []
  /// The number of deltas below each version that this recorder has stored.
  private var depths: [ObjectID: Int] = [:]

  init(pack: PackWriter?) {
    self.pack = pack
  }

  mutating func record(
    _ text: Text, over previous: (text: Text, id: ObjectID)?, mark: Int
  ) throws -> ObjectID? {
    text.copy(into: &buffer)
    let id = try objectID(.blob, buffer.span)
    guard let pack, !pack.contains(id) else { return id }
    if let previous, let depth = depths[previous.id], depth < Self.longestChain {
      let delta = text.delta(over: previous.text, mark: mark, size: buffer.count)
      if delta.isReadable {
        let encoded = encoder.delta(delta, base: previous.id, id: id, kind: .blob)
        try pack.append(encoded)
        depths[id] = depth + 1
        return id
      }
    }
    let bytes = buffer
    let encoded = encoder.whole(.blob, bytes, id: id)
    try pack.append(encoded)
    depths[id] = 0
    return id
  }
}

extension Text {
  /// The delta that makes this text of the one that it shares its storage with.
  ///
  /// - Parameter mark: the size of the storage before; lines from there on are new. All other lines
  ///   stand in both texts in the same order.
  fileprivate func delta(over old: Text, mark: Int, size: Int) -> Delta {
    var oldSize = 0
    for line in old.lines { oldSize += Int(line.count) }
    var delta = Delta(baseSize: oldSize, resultSize: size)
    var oldIndex = 0
    var oldOffset = 0
    var run = (offset: 0, count: 0)
    for line in lines {
      if Int(line.start) >= mark {
        if run.count > 0 { delta.copy(offset: run.offset, count: run.count) }
        run = (0, 0)
        delta.insert(bytes(of: line))
        continue
      }
      while old.lines[oldIndex] != line {
        oldOffset += Int(old.lines[oldIndex].count)
        oldIndex += 1
      }
      if run.count == 0 || run.offset + run.count != oldOffset {
        if run.count > 0 { delta.copy(offset: run.offset, count: run.count) }
        run = (oldOffset, 0)
      }
      run.count += Int(line.count)
      oldOffset += Int(line.count)
      oldIndex += 1
    }
    if run.count > 0 { delta.copy(offset: run.offset, count: run.count) }
    return delta
  }
}
