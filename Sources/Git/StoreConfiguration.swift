import Patches

/// A repository's own configuration, read without git: which keys it sets, and where.
///
/// It is stricter than git's reader (config.c): continued lines and control characters are refused,
/// so that there is no text which the two could read differently.
struct StoreConfiguration {
  /// `section.key` in lower case, without a subsection, and its line, counted from 1.
  private(set) var keys: [(name: String, value: String, line: Int)] = []

  /// - Throws: the first line that is none of the plain form.
  init(parsing bytes: [UInt8], file: String) throws(StateProblem) {
    var section: String?
    for (index, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
      let place = "\(file):\(index + 1)"
      var rest = line[...]
      if rest.last == 13 { rest.removeLast() }
      guard rest.last != UInt8(ascii: "\\"),
        rest.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 9 })
      else { throw StateProblem(place, "a line that kerb does not read. Remove it") }
      rest = trimmed(rest)
      if rest.first == UInt8(ascii: "[") {
        guard let end = endOfHeader(rest), let name = sectionName(rest[rest.startIndex..<end])
        else {
          throw StateProblem(place, "a section that kerb does not read. Remove it")
        }
        section = name
        rest = trimmed(rest[(end + 1)...])
      }
      guard let first = rest.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else {
        continue
      }
      let key = rest.prefix { isNameByte($0) }
      let after = trimmed(rest[key.endIndex...])
      guard let section, let head = key.first, isLetter(head),
        after.isEmpty
          || [UInt8(ascii: "="), UInt8(ascii: "#"), UInt8(ascii: ";")].contains(
            after[after.startIndex])
      else { throw StateProblem(place, "a line that kerb does not read. Remove it") }
      let value = after.first == UInt8(ascii: "=") ? trimmed(after.dropFirst()) : after[...]
      keys.append(
        (
          "\(section).\(text(key).lowercased())", text(value), index + 1
        ))
    }
  }

  /// The place of a header's `]`, outside of quotes.
  private func endOfHeader(_ line: ArraySlice<UInt8>) -> Int? {
    var isQuoted = false
    var index = line.startIndex + 1
    while index < line.endIndex {
      switch line[index] {
      case UInt8(ascii: "\\") where isQuoted: index += 1
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: "]") where !isQuoted: return index
      default: break
      }
      index += 1
    }
    return nil
  }

  /// The section's name without what names one of several (`[branch "x"]`, `[branch.x]`).
  private func sectionName(_ header: ArraySlice<UInt8>) -> String? {
    let name = header.dropFirst().prefix { isNameByte($0) }
    let rest = header[name.endIndex...]
    let isPlain =
      rest.isEmpty || rest.first == UInt8(ascii: ".")
      || (trimmed(rest).first == UInt8(ascii: "\"") && rest.last == UInt8(ascii: "\""))
    return name.isEmpty || !isPlain ? nil : text(name).lowercased()
  }

  /// Refuses keys by which a repository's configuration starts a program or leads git elsewhere.
  ///
  /// What is let through are settings that people make in a work tree: who they are, how git shows
  /// and merges, branches and remotes.
  func judge(_ file: String) throws(StateProblem) {
    for (name, value, line) in keys {
      let isPlain =
        Self.names.contains(name)
        || Self.sections.contains(String(name.prefix { $0 != "." }))
          && !Self.strategies.contains(name)
      guard isPlain, name != "core.bare" || value == "true" || value == "false" else {
        throw StateProblem(
          "\(file):\(line)",
          "'\(name)' is none of the settings that are known to start no program and to lead git nowhere "
            + "else. Remove the line, or make it in your own ~/.gitconfig")
      }
    }
  }

  /// Sections of which no key starts a program or names a file: how things look, and what tools note
  /// there for themselves.
  private static let sections: Set<String> = [
    "color", "advice", "column", "author", "committer", "branch", "gui", "gitreview", "maintenance",
    "feature", "push",
  ]
  /// A merge strategy is a program, `git-merge-NAME`.
  private static let strategies: Set<String> = [
    "branch.mergeoptions", "pull.twohead", "pull.octopus",
  ]

  private static let names: Set<String> = [
    "core.repositoryformatversion", "core.filemode", "core.bare", "core.ignorecase",
    "core.precomposeunicode", "core.symlinks", "core.logallrefupdates", "core.quotepath",
    "core.abbrev", "core.whitespace", "core.autocrlf", "core.eol", "core.safecrlf",
    "core.commentchar", "core.compression",
    "user.name", "user.email", "user.useconfigonly", "user.signingkey",
    "commit.verbose", "commit.cleanup", "commit.gpgsign", "commit.status",
    "pull.rebase", "pull.ff", "core.longpaths", "core.untrackedcache",
    "core.splitindex", "core.trustctime", "core.checkstat", "core.preloadindex", "core.fscache",
    "remote.pushdefault", "remote.gh-resolved", "remote.skipdefaultupdate", "format.signoff",
    "remote.url", "remote.pushurl", "remote.fetch", "remote.push", "remote.tagopt", "remote.prune",
    "fetch.prune", "fetch.prunetags", "rebase.autosquash", "rebase.autostash", "rebase.updaterefs",
    "rerere.enabled", "rerere.autoupdate", "merge.conflictstyle", "merge.ff", "merge.stat",
    "merge.log", "merge.renames", "merge.renamelimit", "merge.directoryrenames",
    "diff.algorithm", "diff.renames", "diff.renamelimit", "diff.context", "diff.colormoved",
    "diff.indentheuristic", "diff.mnemonicprefix", "diff.noprefix", "log.date", "log.decorate",
    "log.follow", "log.abbrevcommit", "status.short", "status.branch", "status.showuntrackedfiles",
    // What 'git sparse-checkout' sets.
    "extensions.worktreeconfig", "core.sparsecheckout", "core.sparsecheckoutcone", "index.sparse",
    "gc.auto", "gc.autodetach", "gc.pruneexpire", "gc.reflogexpire", "index.version",
  ]
}

private func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

private func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  var bytes = bytes.drop { $0 == 0x20 || $0 == 9 }
  while let last = bytes.last, last == 0x20 || last == 9 { bytes.removeLast() }
  return bytes
}

private func isLetter(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
}

private func isNameByte(_ byte: UInt8) -> Bool {
  isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    || byte == UInt8(ascii: "-")
}
