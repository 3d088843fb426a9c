import Patches

/// When upstream gave out a value: the commit, and when everybody had it.
public struct Consumption: Hashable, Sendable {
  /// The counter's name.
  public let counter: String
  public let identity: [UInt8]
  public let value: CounterValue
  public let commit: ObjectID
  public let subject: [UInt8]
  /// When its author wrote it, which may be years before.
  public let authored: AuthorDate
  /// The first merge of upstream's main line that has it; the commit itself where none has.
  public let merged: ObjectID
  /// When that was made: from then on the value was gone.
  public let mergedAt: AuthorDate
  /// The first release that has it; nil for none so far.
  public let release: String?

  public init(
    counter: String, identity: [UInt8], value: CounterValue, commit: ObjectID, subject: [UInt8],
    authored: AuthorDate, merged: ObjectID, mergedAt: AuthorDate, release: String?
  ) {
    self.counter = counter
    self.identity = identity
    self.value = value
    self.commit = commit
    self.subject = subject
    self.authored = authored
    self.merged = merged
    self.mergedAt = mergedAt
    self.release = release
  }
}
