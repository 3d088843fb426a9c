import Patches

/// A global counter: something from which upstream and a stack both draw values, so that each may
/// give one to something else.
///
/// A counter is a value. What is known of one is where its values stand and what they look like; Nova's
/// microversions are one such value, and `kerb.yaml` may have more.
public struct Counter: Hashable, Sendable {
  /// How values follow each other.
  public enum Order: String, Hashable, Sendable, CaseIterable {
    /// Dotted numbers; upstream's next is its greatest and one. Each identity counts for itself.
    case ascending
    /// Any value, each given to one identity.
    case unique
    /// Revisions; each names the one before it as its fingerprint, and there is one last.
    case chain
    /// The least version of a library, which is the identity, that a project works with.
    case floor
  }

  /// One place where values stand.
  public struct Reading: Hashable, Sendable {
    public enum Role: String, Hashable, Sendable, CaseIterable {
      /// The newest value.
      case maximum
      /// One value of all that were ever given.
      case entry
      /// A use of a value: it should be one that is claimed.
      case mention
    }

    /// How far an entry reaches.
    public enum Extent: String, Hashable, Sendable, CaseIterable {
      /// One line.
      case line
      /// The line and those below it that are indented deeper.
      case indented
      /// The line and all that is below it, up to the next entry.
      case section
    }

    /// What the evidence is called: `constant`, `history entry`.
    public let name: String
    public let role: Role
    /// The paths, matched whole.
    public let files: LinePattern
    /// Lines of one entry, or of what it stands in; empty where the path gives the value.
    public let lines: [LinePattern]
    public let extent: Extent
    /// True where every claim has to be found here.
    public let isRequired: Bool

    public init(
      _ name: String, _ role: Role, files: LinePattern, lines: [LinePattern] = [],
      extent: Extent = .line, isRequired: Bool = false
    ) {
      self.name = name
      self.role = role
      self.files = files
      self.lines = lines
      self.extent = extent
      self.isRequired = isRequired
    }
  }

  /// A short name: `microversion`, `object-version`.
  public let name: String
  /// What one value is, as a phrase: `API microversion`.
  public let title: String
  public let order: Order
  public let readings: [Reading]
  /// The projects that have it; nil for every one with such files.
  public let projects: Set<String>?
  /// Projects whose patches use its values: their numbers change with the stack's.
  public let clients: Set<String>
  /// For floors: a file of the workspace with lines `NAME==VERSION`, the versions that a release is
  /// tested with; `{project}` and `{release}` stand for those of the stack.
  public let limits: String?

  public init(
    _ name: String, title: String, order: Order, readings: [Reading],
    projects: Set<String>? = nil, clients: Set<String> = [], limits: String? = nil
  ) {
    self.name = name
    self.title = title
    self.order = order
    self.readings = readings
    self.projects = projects
    self.clients = clients
    self.limits = limits
  }

  /// True where a project may have the counter.
  public func applies(to project: String) -> Bool { projects?.contains(project) ?? true }

  /// A value with its identity, as messages name it: `2.96`, `ImageMetaProps 1.39`.
  public func phrase(_ identity: [UInt8], _ value: CounterValue) -> String {
    let name = String(decoding: identity, as: UTF8.self)
    return name.isEmpty || name == "\(value)" ? "\(value)" : "\(name) \(value)"
  }
}

/// A value that was found in a place.
public struct CounterEntry: Hashable, Sendable {
  public let value: CounterValue
  /// What counts for itself, or owns the value: an object, a user; empty where there is one count.
  public let identity: [UInt8]
  /// What tells the same thing from another: a hash, a text, a parent.
  public let fingerprint: [UInt8]?
  /// The reading's place in its counter.
  public let reading: Int
  public let path: RepoPath
  /// The line in the file, or of a patch in the patch file, counted from 1; nil for a path.
  public let line: Int?

  public init(
    value: CounterValue, identity: [UInt8], fingerprint: [UInt8]?, reading: Int, path: RepoPath,
    line: Int?
  ) {
    self.value = value
    self.identity = identity
    self.fingerprint = fingerprint
    self.reading = reading
    self.path = path
    self.line = line
  }
}
