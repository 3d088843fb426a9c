import Patches

extension Merge {
  /// Lines of context that a hunk has around its changes.
  private static let context = 3

  /// True where a change of theirs is so near to one of ours that a hunk's context would not fit, or
  /// both made the same change somewhere.
  public var isInterwoven: Bool {
    if sharedEdits > 0 { return true }
    return zip(chunks, chunks.dropFirst()).contains { one, two in
      one.kind != two.kind && two.base.lowerBound - one.base.upperBound < Self.context
    }
  }

  /// Where each change of theirs went, as a hunk's placement.
  public var placements: [Placement] {
    var number = 0
    return chunks.compactMap { chunk in
      guard chunk.kind == .theirs else { return nil }
      number += 1
      return Placement(
        hunk: number, line: chunk.ours.lowerBound + 1,
        offset: chunk.ours.lowerBound - chunk.base.lowerBound)
    }
  }
}

/// A merge that a person has to end.
public struct OpenMerge: Hashable, Sendable {
  public let merge: Merge
  /// What the resolvers made of each conflict, nil where it is open.
  public let resolution: [[UInt8]?]

  public init(merge: Merge, resolution: [[UInt8]?]) {
    self.merge = merge
    self.resolution = resolution
  }

  /// The conflicts that are open.
  public var openChunks: [Merge.Chunk] {
    zip(merge.conflicts, resolution).compactMap { $1 == nil ? $0 : nil }
  }
}
