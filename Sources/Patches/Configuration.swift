/// What `kerb.yaml` says: the projects, their releases, and where upstream's trees come from.
public struct Configuration: Hashable, Sendable {
  /// One upstream project.
  public struct Project: Hashable, Sendable {
    /// The project's name: the first folder of its patches.
    public let name: String
    /// The URL of upstream's git repository; nil where only archives are used.
    public let git: String?
    /// The name under which released archives are found; nil where there are none.
    public let sdist: String?
    /// The archive version of each release; `latest` takes the newest at `fetch --update`.
    public let versions: [Release: String]
    /// The commands that prove a patched tree, in order.
    public let verify: [Proof]
    /// The sections of kolla-build.conf that take the project's patched tree.
    public let imageSources: [String]

    public init(
      name: String, git: String?, sdist: String?, versions: [Release: String], verify: [Proof] = [],
      imageSources: [String] = []
    ) {
      self.imageSources = imageSources
      self.name = name
      self.git = git
      self.sdist = sdist
      self.versions = versions
      self.verify = verify
    }
  }

  /// A command that ends with 0 where a patched tree is good.
  public struct Proof: Hashable, Sendable {
    /// The program and its arguments; `{workspace}` stands for the workspace's folder.
    public let command: [String]
    /// True to run it after every patch and not only after the last.
    public let isForEach: Bool

    public init(command: [String], isForEach: Bool) {
      self.command = command
      self.isForEach = isForEach
    }
  }

  /// A counter that upstream draws from as well as stacks do, as the file describes it.
  public struct CounterDescription: Hashable, Sendable {
    /// One place where its values stand.
    public struct Reading: Hashable, Sendable {
      public let name: String
      public let role: String
      /// A pattern of paths, and patterns of lines.
      public let files: String
      public let lines: [String]
      public let extent: String
      public let isRequired: Bool

      public init(
        name: String, role: String, files: String, lines: [String], extent: String,
        isRequired: Bool
      ) {
        self.name = name
        self.role = role
        self.files = files
        self.lines = lines
        self.extent = extent
        self.isRequired = isRequired
      }
    }

    public let name: String
    public let title: String?
    public let order: String?
    public let projects: [String]?
    public let clients: [String]?
    public let limits: String?
    public let readings: [Reading]

    public init(
      name: String, title: String?, order: String?, projects: [String]?, clients: [String]?,
      limits: String?, readings: [Reading]
    ) {
      self.name = name
      self.title = title
      self.order = order
      self.projects = projects
      self.clients = clients
      self.limits = limits
      self.readings = readings
    }
  }

  /// The releases, oldest first.
  public let releases: [Release]
  /// The projects in the order of the file.
  public let projects: [Project]
  /// Counters beside those that kerb knows, and changes of those.
  public let counters: [CounterDescription]

  /// What stands behind the `+` in the version of an exported archive, before the number of patches.
  public let versionLabel: String

  public init(
    releases: [Release], projects: [Project], counters: [CounterDescription] = [],
    versionLabel: String = "kerb"
  ) {
    self.releases = releases
    self.projects = projects
    self.counters = counters
    self.versionLabel = versionLabel
  }

  /// The project of that name, or nil.
  public func project(_ name: String) -> Project? { projects.first { $0.name == name } }
}

/// Why a text is no address of a git repository.
public struct AddressProblem: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
}

/// Checks that a text is the address of a remote git repository that is safe to hand to git:
/// `https://`, `ssh://` or `git://`, a host, a path, and no password, user or token, but the user that
/// ssh wants. Remote helpers (`ext::`),
/// local paths, options, encoded characters and `user@host:path` are refused: an address comes
/// from a file that anybody may propose a change to. A local clone is named on the command line.
///
/// - Throws: what is wrong with it.
public func checkRepositoryAddress(_ address: String) throws(AddressProblem) {
  guard address.utf8.allSatisfy(isAddressByte) else {
    throw AddressProblem(description: "the address has a character that no plain URL needs")
  }
  guard
    let scheme = ["https://", "ssh://", "git://"].first(where: { address.hasPrefix($0) })
  else {
    throw AddressProblem(description: "only https://, ssh:// and git:// addresses are taken")
  }
  let rest = address.dropFirst(scheme.count)
  let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
  guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
    throw AddressProblem(description: "the address has no host or no path")
  }
  // A user or a password with a slash of its own would look like a host.
  guard !parts[1].contains("@") else {
    throw AddressProblem(description: "the address has an '@' behind its host")
  }
  let authority = parts[0].split(separator: "@", omittingEmptySubsequences: false)
  guard authority.count <= 2, let host = authority.last, !host.isEmpty else {
    throw AddressProblem(description: "the address has no host")
  }
  guard authority.allSatisfy({ !$0.hasPrefix("-") && !$0.isEmpty }) else {
    throw AddressProblem(description: "the host or the user begins with '-'")
  }
  guard authority.count == 1 || !authority[0].contains(":") else {
    throw AddressProblem(description: "the address has a password; \(withoutUser(scheme))")
  }
  guard authority.count == 1 || scheme == "ssh://" else {
    throw AddressProblem(
      description: "the address has a user or a token; \(withoutUser(scheme))")
  }
  let place = host.split(separator: ":", omittingEmptySubsequences: false)
  let isPort =
    place.count == 1
    || place.count == 2 && (1...5).contains(place[1].count)
      && place[1].allSatisfy { ("0"..."9").contains($0) }
  guard !place[0].isEmpty, isPort else {
    throw AddressProblem(description: "the address has no host with a port of digits")
  }
  guard !rest.contains("..") else {
    throw AddressProblem(description: "the address has a '..'")
  }
}

private func withoutUser(_ scheme: String) -> String {
  scheme == "ssh://"
    ? "remove it and use a key"
    : "write \(scheme)HOST/PATH and keep it in a credential helper of git or in ~/.netrc"
}

private func isAddressByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"):
    true
  default: "-._~/:@+".utf8.contains(byte)
  }
}
