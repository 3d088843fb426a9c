/// Members that move towards the top of the stack together.
struct MovingRow {
  private(set) var members: [Int]
  /// How many of them came because others need them.
  private(set) var implied = 0
  /// The lines that they expect or change in the files below them; nil where these are not known.
  private var lines: LineRanges?

  init(_ member: Int, _ place: HunkRanges?) {
    members = [member]
    lines = place.map { LineRanges($0.old) }
  }

  /// Moves the row before a change, if that is certain to give the same file.
  mutating func passes(_ change: HunkRanges?) -> Bool {
    guard let change, let lines, lines.areApart(from: change) else { return false }
    self.lines = lines.before(change)
    return true
  }

  /// Says that the row stands before a change now.
  mutating func moved(before change: HunkRanges?) {
    lines = change.flatMap { lines?.before($0) }
  }

  /// Takes in the member that the row stands behind.
  mutating func join(_ member: Int, _ place: HunkRanges?, isImplied: Bool) {
    members.insert(member, at: 0)
    if isImplied { implied += 1 }
    lines = place.flatMap { lines?.before($0).adding($0) }
  }
}
