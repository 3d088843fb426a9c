import Claims
import Patches

extension ConfigurationReader {
  /// Reads one of `counters`.
  mutating func counter(
    _ key: YAMLNode, _ value: YAMLNode
  ) -> Configuration.CounterDescription? {
    guard let name = key.string, isProjectName(name) else {
      add(key, "a counter's name has letters, digits and . _ - only")
      return nil
    }
    var texts: [String: String] = [:]
    var projects: [String]?
    var clients: [String]?
    var readings: [Configuration.CounterDescription.Reading] = []
    for (key, value) in pairs(value, "'\(name)'") {
      switch (key.string, value.string, value.sequence) {
      case ("limits", let text?, _):
        texts["limits"] = text
        // What a project's name makes of it is looked at where the file is read.
        do throws(RepoPath.Problem) { _ = try RepoPath(text) } catch {
          add(value, "'limits' is the path of a file in the workspace; \(error)")
        }
      case ("title", let text?, _), ("order", let text?, _):
        texts[key.string ?? ""] = text
      case ("title", nil, _), ("order", nil, _), ("limits", nil, _): addNoText(key, value)
      case ("projects", _, let items?): projects = projectNames(items)
      case ("clients", _, let items?) where name == Counter.microversion.name:
        clients = projectNames(items)
      case ("clients", _, _?):
        add(key, "only '\(Counter.microversion.name)' has 'clients'; take it out here")
      case ("readings", _, let items?): readings = items.compactMap { reading($0) }
      default:
        add(
          key,
          "a counter has 'title', 'order', 'limits', lists 'projects', 'clients' and 'readings', and "
            + "no '\(self.name(key))' like this one")
      }
    }
    let known = Counter.builtIn.contains { $0.name == name }
    if !known, texts["title"] == nil || texts["order"] == nil || readings.isEmpty {
      add(
        key, "'\(name)' is no counter that kerb knows, so it needs 'title', 'order' and 'readings'")
    }
    if let order = texts["order"], Counter.Order(rawValue: order) == nil {
      add(
        key,
        "'\(shortened(order))' is no order; there are "
          + Counter.Order.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return Configuration.CounterDescription(
      name: name, title: texts["title"], order: texts["order"], projects: projects,
      clients: clients, limits: texts["limits"], readings: readings)
  }

  private mutating func reading(_ node: YAMLNode) -> Configuration.CounterDescription.Reading? {
    var texts = ["role": "entry", "extent": "line"]
    var files: (text: String, node: YAMLNode)?
    var lines: [(text: String, node: YAMLNode)] = []
    var isRequired = false
    var isReadable = true
    for (key, value) in pairs(node, "an item of 'readings'") {
      switch (key.string, value.string, value.sequence) {
      case ("files", let text?, _): files = (text, value)
      case ("name", let text?, _), ("role", let text?, _), ("extent", let text?, _):
        texts[key.string ?? ""] = text
      case ("name", nil, _), ("role", nil, _), ("files", nil, _), ("extent", nil, _):
        addNoText(key, value)
        isReadable = false
      case ("lines", _, let items?):
        lines = self.texts(items, "a pattern")
        isReadable = isReadable && lines.count == items.count
      case ("required", let text?, _) where text == "true" || text == "false":
        isRequired = text == "true"
      default:
        add(
          key,
          "a reading has 'name', 'files', a list 'lines', 'role', 'extent' and 'required', and no "
            + "'\(self.name(key))' like this one")
      }
    }
    guard let name = texts["name"], let files else {
      if isReadable { add(node, "a reading needs 'name' and 'files'") }
      return nil
    }
    for (key, known) in [
      ("role", Counter.Reading.Role.allCases.map(\.rawValue)),
      ("extent", Counter.Reading.Extent.allCases.map(\.rawValue)),
    ] where !known.contains(texts[key] ?? "") {
      let text = shortened(texts[key] ?? "")
      add(node, "'\(text)' is no \(key); there are \(known.joined(separator: ", "))")
    }
    if isReadable { checkPatterns(name, files, lines) }
    return Configuration.CounterDescription.Reading(
      name: name, role: texts["role"] ?? "", files: files.text, lines: lines.map(\.text),
      extent: texts["extent"] ?? "", isRequired: isRequired)
  }

  /// The value comes from the lines, or of a reading without them from the path.
  private mutating func checkPatterns(
    _ name: String, _ files: (text: String, node: YAMLNode),
    _ lines: [(text: String, node: YAMLNode)]
  ) {
    let most = Configuration.mostPatterns
    let isTooMany = patternCount <= most && patternCount + lines.count + 1 > most
    patternCount += lines.count + 1
    guard patternCount <= most else {
      if isTooMany { add(files.node, "more than \(most) patterns of counters") }
      return
    }
    var patterns: [(pattern: LinePattern, node: YAMLNode)] = []
    for (text, node) in [files] + lines {
      do throws(LinePattern.Problem) {
        patterns.append((try LinePattern(text), node))
      } catch {
        add(node, "'\(shortened(text))': \(error)")
      }
    }
    guard patterns.count == lines.count + 1 else { return }
    let givers = lines.isEmpty ? patterns[...] : patterns.dropFirst()
    guard givers.contains(where: { $0.pattern.gives(.value) }) else {
      let hint =
        lines.isEmpty
        ? "'files' needs one where there are no 'lines'" : "one of 'lines' needs one"
      add(
        givers[givers.startIndex].node,
        "no pattern of '\(shortened(name))' has a {value}; \(hint)")
      return
    }
    for (pattern, node) in patterns.dropFirst()
    where !LinePattern.Field.allCases.contains(where: pattern.gives) {
      add(
        node,
        "'\(shortened(pattern.source))' has none of {value}, {identity} and {fingerprint}; take it out, or say "
          + "what it gives")
    }
  }

  private mutating func addNoText(_ key: YAMLNode, _ value: YAMLNode) {
    add(value, "'\(name(key))' is a text; put it in quotes")
  }
}
