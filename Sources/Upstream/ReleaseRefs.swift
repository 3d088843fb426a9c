import Patches

/// One ref of a repository as `git ls-remote` lists it.
struct ListedRef: Hashable, Sendable {
  /// The full name: `refs/heads/stable/2024.1`.
  let name: String
  /// The commit; of an annotated tag the one that it points to.
  let commit: ObjectID
}

/// Reads the output of `git ls-remote`: an id, a tab and a name a line. The line `NAME^{}` gives
/// the object behind an annotated tag and replaces the tag's own.
func listedRefs(_ output: [UInt8]) -> [ListedRef] {
  var commits: [String: ObjectID] = [:]
  for line in output.split(separator: UInt8(ascii: "\n")) {
    let fields = line.split(separator: UInt8(ascii: "\t"))
    guard fields.count == 2, let id = ObjectID(hex: fields[0]) else { continue }
    let name = String(decoding: fields[1], as: UTF8.self)
    if name.hasSuffix("^{}") {
      commits[String(name.dropLast(3))] = id
    } else if commits[name] == nil {
      commits[name] = id
    }
  }
  return commits.map { ListedRef(name: $0.key, commit: $0.value) }.sorted { $0.name < $1.name }
}

/// The refs that may stand for a release, best first, as a branch lives and dies: `stable/X`, then
/// `unmaintained/X`, then the tag of its end; at last the tag of the release's newest version.
/// Each list names a branch or tag where a repository has it, and where a clone of it has it.
struct ReleaseRefs {
  /// A branch or tag that may stand for the release.
  struct Candidate: Hashable {
    /// The name without `refs/heads/` or `refs/tags/`, as the lock keeps it.
    let shortName: String
    let isTag: Bool

    /// The name as a phrase.
    var phrase: String { "\(isTag ? "tag" : "branch") \(shortName)" }
  }

  let candidates: [Candidate]

  /// - Parameter version: The release's version in the configuration; it is also a tag.
  init(_ release: Release, version: String?) {
    guard release != .master else {
      candidates = ["master", "main"].map { Candidate(shortName: $0, isTag: false) }
      return
    }
    let branches = ["stable/\(release)", "unmaintained/\(release)"]
    let tags = ["\(release)-eol", "\(release)-eom"] + (version.map { [$0] } ?? [])
    candidates =
      branches.map { Candidate(shortName: $0, isTag: false) }
      + tags.map { Candidate(shortName: $0, isTag: true) }
  }

  /// The first candidate that is among the refs. In a clone the branch as `origin` had it comes
  /// before the local one, which may hold somebody's own work.
  func resolve(among refs: [ListedRef]) -> (candidate: Candidate, commit: ObjectID)? {
    for candidate in candidates {
      let name = candidate.shortName
      let exact = candidate.isTag ? "refs/tags/\(name)" : "refs/heads/\(name)"
      let tracking = refs.filter { ref in
        !candidate.isTag && ref.name.hasPrefix("refs/remotes/")
          && ref.name.split(separator: "/").dropFirst(3).joined(separator: "/") == name
      }
      let found =
        tracking.first { $0.name.hasPrefix("refs/remotes/origin/") }
        ?? refs.first { $0.name == exact }
        ?? tracking.first
      if let found { return (candidate, found.commit) }
    }
    return nil
  }

  /// The patterns that list no other ref of a remote repository.
  var patterns: [String] {
    candidates.flatMap { candidate in
      candidate.isTag
        ? ["refs/tags/\(candidate.shortName)", "refs/tags/\(candidate.shortName)^{}"]
        : ["refs/heads/\(candidate.shortName)"]
    }
  }
}
