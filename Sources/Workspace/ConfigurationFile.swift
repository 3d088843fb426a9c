import Patches

extension Configuration {
  /// The largest `kerb.yaml`, in bytes: 1 MiB.
  public static let maximumSize = 1 << 20

  /// The most releases, and the most projects: a stack is one of each.
  static let mostReleases = 100
  static let mostProjects = 1_000
  /// The most patterns of all counters: each may be held against every line of a tree.
  static let mostPatterns = 500

  /// Reads `kerb.yaml`. Anchors and aliases are refused: a small file could stand for a huge one.
  ///
  /// - Throws: the first place that is no YAML, or none that kerb takes; else every mistake with its
  ///   line.
  public init(parsing bytes: [UInt8], file: String) throws(Diagnostics) {
    var reader = ConfigurationReader(file: file)
    self = try reader.configuration(bytes)
  }
}

struct ConfigurationReader {
  let file: String
  /// How many patterns the counters have so far.
  var patternCount = 0
  private var problems: [Diagnostic] = []
  /// Where projects are named that the file has to list.
  private var named: [(project: String, at: YAMLNode)] = []

  init(file: String) {
    self.file = file
  }

  mutating func configuration(_ bytes: [UInt8]) throws(Diagnostics) -> Configuration {
    let root = try document(bytes)
    var releases: [Release] = []
    var projects: [Configuration.Project] = []
    var listed: Set<String> = []
    var counters: [Configuration.CounterDescription] = []
    var label = "kerb"
    for (key, value) in pairs(root, "the file") {
      switch key.string {
      case "version" where value.string == "1": break
      case "version": add(value, "this kerb reads version 1 only")
      case "releases": releases = self.releases(value)
      case "projects":
        let found = pairs(value, "'projects'", most: Configuration.mostProjects)
        listed = Set(found.compactMap(\.0.string))
        projects = found.compactMap { project($0.0, $0.1) }
      case "counters":
        counters = pairs(value, "'counters'").compactMap { counter($0.0, $0.1) }
      case "version_label": label = versionLabel(value)
      default:
        add(
          key,
          "'\(name(key))' is none of version, releases, projects, counters and "
            + "version_label")
      }
    }
    for (project, place) in named where !listed.contains(project) {
      add(
        place,
        "'\(shortened(project))' is no project of this file; list it in 'projects', or take it out "
          + "here")
    }
    if problems.isEmpty, releases.isEmpty || projects.isEmpty {
      add(root, "the file needs 'releases' and 'projects'")
    }
    guard problems.isEmpty else {
      throw Diagnostics(problems.sorted { ($0.location.line ?? 0) < ($1.location.line ?? 0) })
    }
    return Configuration(
      releases: releases.sorted(), projects: projects, counters: counters,
      versionLabel: label)
  }

  private mutating func versionLabel(_ node: YAMLNode) -> String {
    guard let text = node.string, isVersionLabel(text) else {
      add(node, "a version's label has lower-case letters and digits, with dots between them")
      return ""
    }
    return text
  }

  private func document(_ bytes: [UInt8]) throws(Diagnostics) -> YAMLNode {
    do throws(Diagnostic) {
      var reader = try YAMLReader(bytes, file: file)
      if let root = try reader.document(), root.mapping != nil { return root }
      throw Diagnostic(Location(file, line: 1), "the file is no mapping", rule: "config")
    } catch {
      throw Diagnostics(error)
    }
  }

  private mutating func releases(_ node: YAMLNode) -> [Release] {
    guard let items = node.sequence else {
      add(node, "'releases' is a list")
      return []
    }
    guard items.count <= Configuration.mostReleases else {
      add(node, "\(items.count) releases; \(Configuration.mostReleases) is the most")
      return []
    }
    var found: [Release] = []
    for item in items {
      guard let release = item.string.flatMap(Release.init) else {
        add(item, "a release is named like \"2024.1\", in quotes, or master")
        continue
      }
      if found.contains(release) { add(item, "\(release) is listed twice") }
      found.append(release)
    }
    return found
  }

  private mutating func project(_ key: YAMLNode, _ value: YAMLNode) -> Configuration.Project? {
    guard let name = key.string, isProjectName(name) else {
      add(key, "a project's name has letters, digits and . _ - only")
      return nil
    }
    var git: String?
    var sdist: String?
    var versions: [Release: String] = [:]
    var verify: [Configuration.Proof] = []
    var sections: [String] = []
    for (key, value) in pairs(value, "'\(name)'") {
      switch key.string {
      case "git": git = address(value)
      case "sdist": sdist = plainName(value)
      case "versions": versions = self.versions(value)
      case "verify": verify = proofs(value)
      case "image_sources": sections = imageSources(value)
      default:
        add(
          key, "'\(self.name(key))' is none of git, sdist, versions, verify and image_sources")
      }
    }
    // One that is given and wrong has its own message.
    if value.mapping?.contains(where: { ["git", "sdist"].contains($0.key.string) }) == false {
      add(key, "'\(name)' needs 'git' or 'sdist'")
    }
    return Configuration.Project(
      name: name, git: git, sdist: sdist, versions: versions, verify: verify,
      imageSources: sections)
  }

  private mutating func imageSources(_ node: YAMLNode) -> [String] {
    guard let items = node.sequence else {
      add(node, "'image_sources' is a list of sections of kolla-build.conf")
      return []
    }
    return items.compactMap { plainName($0) }
  }

  private mutating func proofs(_ node: YAMLNode) -> [Configuration.Proof] {
    guard let items = node.sequence else {
      add(node, "'verify' is a list of {run: [PROGRAM, ARGUMENT…], each: true or false}")
      return []
    }
    return items.compactMap { proof($0) }
  }

  private mutating func proof(_ node: YAMLNode) -> Configuration.Proof? {
    var command: [String] = []
    var isForEach = false
    for (key, value) in pairs(node, "an item of 'verify'") {
      switch (key.string, value.sequence) {
      case ("run", let words?): command = texts(words, "a word of 'run'").map(\.text)
      case ("each", nil) where ["true", "false"].contains(value.string):
        isForEach = value.string == "true"
      default: add(key, "an item of 'verify' has 'run', a list of words, and 'each', true or false")
      }
    }
    guard !command.isEmpty else {
      add(node, "an item of 'verify' needs 'run', a list of words")
      return nil
    }
    return Configuration.Proof(command: command, isForEach: isForEach)
  }

  private mutating func address(_ node: YAMLNode) -> String? {
    guard let text = node.string else {
      add(node, "an address is a text")
      return nil
    }
    do {
      try checkRepositoryAddress(text)
      return text
    } catch {
      add(node, "\(error)")
      return nil
    }
  }

  private mutating func plainName(_ node: YAMLNode) -> String? {
    guard let text = node.string, isProjectName(text) else {
      add(node, "the name of an archive has letters, digits and . _ - only")
      return nil
    }
    return text
  }

  private mutating func versions(_ node: YAMLNode) -> [Release: String] {
    var versions: [Release: String] = [:]
    for (key, value) in pairs(node, "'versions'") {
      guard let release = key.string.flatMap(Release.init) else {
        add(key, "a release is named like \"2024.1\", in quotes, or master")
        continue
      }
      versions[release] = plainName(value)
    }
    return versions
  }

  /// The projects of a list, each of which has to be one of the file.
  mutating func projectNames(_ items: [YAMLNode]) -> [String] {
    let names = texts(items, "a project's name")
    named += names.map { (project: $0.text, at: $0.node) }
    return names.map(\.text)
  }

  /// The texts of a list. `{value}` without quotes is none: YAML reads a mapping.
  mutating func texts(_ items: [YAMLNode], _ what: String) -> [(text: String, node: YAMLNode)] {
    items.compactMap { item in
      guard let text = item.string else {
        add(item, "\(what) is a text; put it in quotes")
        return nil
      }
      return (text, item)
    }
  }

  /// The keys and values of a mapping, none where it has more than the most.
  mutating func pairs(
    _ node: YAMLNode, _ what: String, most: Int = .max
  ) -> [(YAMLNode, YAMLNode)] {
    guard let mapping = node.mapping else {
      add(node, "\(what) is a mapping")
      return []
    }
    guard mapping.count <= most else {
      add(node, "\(what) has \(mapping.count) keys; \(most) is the most")
      return []
    }
    return mapping.map { ($0.key, $0.value) }
  }

  /// A key as messages name it.
  func name(_ key: YAMLNode) -> String { shortened(key.string ?? "?") }

  mutating func add(_ node: YAMLNode, _ message: String) {
    problems.append(Diagnostic(Location(file, line: node.place.line), message, rule: "config"))
  }
}
