import Patches

/// A value of a counter that a stack takes.
public struct Claim: Hashable, Sendable {
  public let value: CounterValue
  public let identity: [UInt8]
  /// Where the stack takes it, in the order of its patches.
  public let evidence: [Evidence]

  /// One place in a patch.
  public struct Evidence: Hashable, Sendable {
    /// The patch's place in the stack, counted from 0.
    public let patch: Int
    public let entry: CounterEntry

    public init(patch: Int, entry: CounterEntry) {
      self.patch = patch
      self.entry = entry
    }
  }

  public init(value: CounterValue, identity: [UInt8], evidence: [Evidence]) {
    self.value = value
    self.identity = identity
    self.evidence = evidence
  }

  /// The patches that take it.
  public var patches: [Int] { Set(evidence.map(\.patch)).sorted() }

  /// What a reading says of it.
  func fingerprints(_ reading: Int) -> [[UInt8]] {
    evidence.filter { $0.entry.reading == reading }.compactMap(\.entry.fingerprint)
  }
}

/// What a stack takes from one counter.
public struct StackClaims: Hashable, Sendable {
  public let counter: Counter
  /// In the order of their values, by identity.
  public let claims: [Claim]
  /// Uses of values above those of the tree that the stack is made on.
  public let mentions: [Claim.Evidence]

  init(counter: Counter, claims: [Claim], mentions: [Claim.Evidence] = []) {
    (self.counter, self.claims, self.mentions) = (counter, claims, mentions)
  }

  /// Reads what the added lines and files of a stack's patches take.
  ///
  /// - Parameter base: the counter in the tree that the stack is made on.
  public init(_ counter: Counter, of patches: [Patch], base: UpstreamCounter) {
    self.counter = counter
    var found: [Claim.Evidence] = []
    var mentions: [Claim.Evidence] = []
    for (index, patch) in patches.enumerated() {
      let read = counter.changes(in: patch)
      let removed = Dictionary(grouping: read.removed) { ClaimKey($0.identity, $0.value) }
      for entry in read.added {
        let gone = removed[ClaimKey(entry.identity, entry.value)] ?? []
        guard !gone.contains(where: { counter.restates($0, by: entry) }) else { continue }
        let evidence = Claim.Evidence(patch: index, entry: entry)
        if counter.readings[entry.reading].role != .mention {
          found.append(evidence)
        } else if let most = base.maximum(of: entry.identity), most < entry.value {
          mentions.append(evidence)
        }
      }
    }
    let groups = Dictionary(grouping: found) { ClaimKey($0.entry.identity, $0.entry.value) }
    claims = groups.map { Claim(value: $0.value, identity: $0.identity, evidence: $1) }
      .sorted {
        $0.identity == $1.identity
          ? $0.value < $1.value : $0.identity.lexicographicallyPrecedes($1.identity)
      }
    self.mentions = mentions
  }

}

private struct ClaimKey: Hashable {
  let identity: [UInt8]
  let value: CounterValue

  init(_ identity: [UInt8], _ value: CounterValue) {
    (self.identity, self.value) = (identity, value)
  }
}

/// What a patch adds to a counter's places, and takes away.
struct CounterChanges {
  var added: [CounterEntry] = []
  var removed: [CounterEntry] = []
}

extension Counter {
  /// True for a line that says again what the patch takes away under the same value: another spelling,
  /// or another text of an entry that was there.
  fileprivate func restates(_ old: CounterEntry, by entry: CounterEntry) -> Bool {
    old.path == entry.path
      && (old.fingerprint == entry.fingerprint
        || readings[entry.reading].role == .entry && order == .ascending)
  }
}

extension Counter {
  /// The entries that a patch adds and removes; the lines are those of the patch file.
  func changes(in patch: Patch) -> CounterChanges {
    var changes = CounterChanges()
    for file in patch.files {
      for (index, reading) in readings.enumerated() {
        guard let match = reading.files.match(file.path.bytes, isWhole: true) else { continue }
        if reading.lines.isEmpty {
          if file.kind.makesFile, !isMoved(file, reading),
            let entry = entry(of: match, file.path, index)
          {
            changes.added.append(entry)
          }
          continue
        }
        guard case .hunks(let hunks) = file.content else { continue }
        for hunk in hunks {
          changes.added += entries(in: hunk.side(.added), of: index, at: file.path, match)
          changes.removed += entries(in: hunk.side(.removed), of: index, at: file.path, match)
        }
      }
    }
    return changes
  }
}

extension Counter {
  /// True for a file that had the reading's value under its old name as well.
  private func isMoved(_ file: FileChange, _ reading: Reading) -> Bool {
    guard case .rename(let old, _) = file.kind,
      let before = reading.files.match(old.bytes, isWhole: true),
      let now = reading.files.match(file.path.bytes, isWhole: true)
    else { return false }
    return before.bytes(.value, of: old.bytes) == now.bytes(.value, of: file.path.bytes)
  }
}

extension FileChange.Kind {
  /// True where a file comes to be.
  var makesFile: Bool {
    switch self {
    case .create, .rename, .copy: true
    case .modify, .delete: false
    }
  }
}

extension Hunk {
  /// The lines of one side with their places in the patch file; those that are on both sides, and the
  /// heading, count for nothing.
  func side(_ side: LineKind) -> [ReadLine] {
    var result = [ReadLine(content: Array(source[heading]), number: line, counts: false)]
    var (number, position) = (line, header.lowerBound)
    forEachLine { kind, range in
      while position < range.lowerBound {
        if source[position] == UInt8(ascii: "\n") { number += 1 }
        position += 1
      }
      guard kind == side || kind == .context else { return }
      var content = Array(source[range])
      if content.last == UInt8(ascii: "\n") { content.removeLast() }
      result.append(ReadLine(content: content, number: number, counts: kind == side))
    }
    return result
  }
}
