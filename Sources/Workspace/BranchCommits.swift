import Git
import PatchEngine
import Patches

/// What a commit of an applied stack's branch is.
enum CommitRole: Hashable {
  /// The patch at this place of the stack.
  case patch(Int)
  case new
  /// It belongs to the commit at this place of the branch.
  case part(of: Int, Kind)

  enum Kind: Hashable {
    case fixup, squash, amend
  }
}

extension OpenStack {
  /// What each commit of a branch is. A commit is a patch where kerb has made it of the patch; else
  /// where it has the patch's message, its subject, its difference, or its author at the same moment,
  /// looked for in this order. Between patches of one message or subject the difference decides.
  ///
  /// - Throws: `Refusal` for a fixup of no commit.
  func roles(of branch: [Commit], in repository: borrowing Repository) throws -> [CommitRole] {
    var roles = [CommitRole?](repeating: nil, count: branch.count)
    for (place, commit) in branch.enumerated() {
      guard let (kind, rest) = autosquash(subject(of: commit)) else { continue }
      let earlier = branch[..<place].indices.filter { autosquash(subject(of: branch[$0])) == nil }
      let found =
        earlier.first { subject(of: branch[$0]) == rest }
        ?? earlier.first { rest.count >= 7 && "\(branch[$0].id)".utf8.starts(with: rest) }
        ?? earlier.first { !rest.isEmpty && subject(of: branch[$0]).starts(with: rest) }
      guard let found else {
        throw Refusal(
          "commit \(commit.short) is a fixup of '\(String(decoding: rest, as: UTF8.self))', and no "
            + "commit before it has that subject")
      }
      roles[place] = .part(of: found, kind)
    }
    let fallback = Identity(below: try repository.commit(loaded.upstream.commit))
    func hasAuthor(_ place: Int, _ patch: Int) -> Bool {
      fallback.author(of: before.patches[patch].text).bytes == branch[place].author.bytes
    }
    var differences = CommitDifferences()
    func isSame(_ place: Int, _ patch: Int) throws -> Bool {
      try differences.areSame(branch[place].id, commits[patch], in: repository)
    }
    var matching = CommitMatching(
      commits: branch.indices.filter { roles[$0] == nil }, patches: Array(before.patches.indices))
    try matching.pair(by: { branch[$0].id == commits[$1] })
    try matching.pair(
      by: { hasMessage(branch[$0], $1) && hasAuthor($0, $1) }, between: isSame)
    try matching.pair(by: { hasMessage(branch[$0], $1) }, between: isSame)
    try matching.pair(
      by: { subject(of: branch[$0]) == before.patches[$1].text.header.subject }, between: isSame)
    try matching.pair(by: isSame)
    try matching.pair(
      by: { before.patches[$1].text.header.author?.date != nil && hasAuthor($0, $1) })
    for (place, patch) in matching.patches { roles[place] = .patch(patch) }
    return roles.map { $0 ?? .new }
  }

  private func hasMessage(_ commit: Commit, _ patch: Int) -> Bool {
    let text = before.patches[patch].text
    return text.header.hasMessage(commit.message)
      || text.header.message.isEmpty && commit.message == Array("\(fileName(text.name))\n".utf8)
  }

  /// The stack that a branch's commits make.
  ///
  /// - Parameters:
  ///   - drops: the patches that may have no commit.
  ///   - takesUpstream: true to make patches of upstream's own commits below the stack's too.
  /// - Throws: `Refusal` where a patch has no commit and nobody said so, the branch stands on newer commits of
  ///   upstream's, or a fixup cannot be carried to its commit.
  func stack(
    of branch: [Commit], dropping drops: Set<String>, takesUpstream: Bool, project: String,
    in repository: borrowing Repository, over base: inout BaseTree
  ) throws -> EditedStack {
    let roles = try roles(of: branch, in: repository)
    if !takesUpstream { try refuseUpstream(branch, roles, in: repository) }
    let kept = Set(roles.compactMap { if case .patch(let patch) = $0 { patch } else { nil } })
    let gone = before.patches.indices.filter {
      !kept.contains($0) && !drops.contains(before.patches[$0].name)
    }
    guard gone.isEmpty else {
      let names = gone.map { before.patches[$0].name }
      throw Refusal(
        "no commit of the branch is " + names.joined(separator: ", ") + "; "
          + names.map { "--drop \($0)" }.joined(separator: " ")
          + " takes \(names.count == 1 ? "it" : "them") out of the stack")
    }
    var edited = EditedStack()
    let identity = Identity(below: try repository.commit(loaded.upstream.commit))
    var names = Set(before.patches.map(\.name))
    // A patch's name in the making is its commit's place, so that parts find it.
    for (place, commit) in branch.enumerated() {
      let parent = try repository.commit(commit.firstParent()).tree
      let effect = try repository.effect(from: parent, to: commit.tree)
      var patch: EditedPatch
      switch roles[place] {
      case .patch(let index):
        patch = before.patches[index]
        patch.effect = effect
        let isSame =
          hasMessage(commit, index)
          && identity.author(of: patch.text).bytes == commit.author.bytes
        if !isSame {
          patch.text = try text(of: commit) {
            try before.patches[index].text.with(
              author: author(of: commit), message: commit.message)
          }
        }
      case .new:
        let name = freeName(slug(of: subject(of: commit)), besides: names)
        names.insert(name)
        let hints = try repository.patch(of: commit.id).files
        patch = EditedPatch(
          name: name,
          text: try text(of: commit) {
            try Patch(
              name: "patches/\(project)/\(name).patch", author: author(of: commit),
              message: commit.message, files: hints)
          }, effect: effect, written: nil)
      case .part:
        patch = EditedPatch(
          name: "commit \(commit.short)", text: try repository.patch(of: commit.id),
          effect: effect, written: nil)
      }
      edited.append(patch)
    }
    return try folding(edited, roles, branch, over: &base)
  }

  /// Refuses commits below the stack's that a fetch has brought: the branch was put on a newer upstream.
  private func refuseUpstream(
    _ branch: [Commit], _ roles: [CommitRole], in repository: borrowing Repository
  ) throws {
    let below = branch[..<(roles.firstIndex { $0 != .new } ?? roles.endIndex)]
    guard !below.isEmpty else { return }
    let tips = try repository.fetchedTips()
    guard
      let last = try below.lastIndex(where: { try repository.isReachable($0.id, from: tips) })
    else { return }
    let count = last + 1
    let named = below[...last].suffix(3).reversed().map {
      "\($0.short) '\(String(decoding: subject(of: $0), as: UTF8.self).prefix(60))'"
    }
    throw Refusal(
      "\(name): the branch stands on \(count == 1 ? "a commit" : "\(count) commits") of upstream's above "
        + "the locked one, which would become \(count == 1 ? "a patch" : "patches"): "
        + named.joined(separator: ", ") + (count > named.count ? " and others" : "")
        + "; 'git rebase --onto \(loaded.upstream.commit) \(branch[last].short)' in the work tree brings "
        + "your commits back onto the locked one, from where 'kerb rebase \(name)' moves the stack; "
        + "--take-upstream makes patches of them")
  }

  /// Carries fixups to the commits that they are of.
  private func folding(
    _ stack: EditedStack, _ roles: [CommitRole], _ branch: [Commit], over base: inout BaseTree
  ) throws -> EditedStack {
    var edited = stack
    // Where each commit of the branch is in the stack.
    var places = Array(branch.indices)
    for (place, role) in roles.enumerated() {
      guard case .part(let target, let kind) = role else { continue }
      let (from, to) = (places[place], places[target])
      do {
        try edited.fold(from, into: to, over: &base)
      } catch let obstruction as Obstruction {
        throw Refusal(
          "commit \(branch[place].short) cannot be carried to \(edited.patches[to].name): "
            + "\(obstruction.by) changes the same lines of " + list(obstruction.paths))
      }
      for index in places.indices where places[index] > from { places[index] -= 1 }
      try change(&edited, at: places[target], kind, branch[place])
    }
    return edited
  }

  private func change(
    _ edited: inout EditedStack, at place: Int, _ kind: CommitRole.Kind, _ commit: Commit
  ) throws {
    let header = edited.patches[place].text.header
    let lines = commit.message.split(
      separator: 10, maxSplits: 1, omittingEmptySubsequences: false)
    let body = lines.count > 1 ? Array(lines[1].drop { $0 == 10 }) : []
    let message: [UInt8]
    switch kind {
    case .fixup: return
    case .squash: message = header.message + [10] + body
    case .amend: message = body
    }
    guard !body.isEmpty else { return }
    let author = header.author ?? author(of: commit)
    let old = edited.patches[place].text
    let fresh = try text(of: commit) { try old.with(author: author, message: message) }
    edited.replace(at: place) { $0.text = fresh }
  }

  private func author(of commit: Commit) -> Author {
    Author(
      name: commit.author.name, email: commit.author.email,
      date: AuthorDate(seconds: commit.author.seconds, offset: commit.author.offset))
  }

  /// Makes a patch's text of a commit's message.
  private func text(of commit: Commit, _ make: () throws -> Patch) throws -> Patch {
    do {
      return try make()
    } catch let problems as Diagnostics {
      throw Refusal(
        "commit \(commit.short): " + problems.all.map(\.message).joined(separator: "; ")
          + " ('git commit --amend', or 'reword' in 'git rebase -i')")
    }
  }
}

extension Commit {
  /// The first digits of its name, as messages have them.
  var short: String { String("\(id)".prefix(12)) }

  /// The commit in UTF-8, as patches are.
  func decoded() throws(Refusal) -> Commit {
    guard let commit = inUTF8 else {
      throw Refusal(
        "commit \(short): its message is in \(encoding ?? ""), and kerb reads UTF-8 and Latin-1; write "
          + "it again ('git commit --amend')")
    }
    return commit
  }
}

/// The first line of a commit's message.
private func subject(of commit: Commit) -> [UInt8] { Array(commit.message.prefix { $0 != 10 }) }

/// What git's autosquash makes of a subject, and the subject that it is about.
private func autosquash(_ subject: [UInt8]) -> (kind: CommitRole.Kind, rest: [UInt8])? {
  var rest = subject[...]
  var kind: CommitRole.Kind?
  let words: [(String, CommitRole.Kind)] = [
    ("fixup! ", .fixup), ("squash! ", .squash), ("amend! ", .amend),
  ]
  while let (word, found) = words.first(where: { rest.starts(with: $0.0.utf8) }) {
    kind = kind ?? found
    rest = rest.dropFirst(word.utf8.count)
  }
  return kind.map { ($0, Array(rest)) }
}

/// A name for a patch made of its subject, as `git format-patch` makes file names.
func slug(of subject: [UInt8]) -> String {
  var name = ""
  for byte in subject.prefix(120) {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"):
      name.unicodeScalars.append(Unicode.Scalar(byte | 0x20))
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "."), UInt8(ascii: "_"):
      name.unicodeScalars.append(Unicode.Scalar(byte))
    default: if name.last != "-" { name.append("-") }
    }
  }
  while let first = name.first, "-._".contains(first) { name.removeFirst() }
  name = String(name.prefix(52))
  while let last = name.last, "-._".contains(last) { name.removeLast() }
  return name.isEmpty ? "patch" : name
}

/// Paths as a sentence has them.
func list(_ paths: [RepoPath]) -> String { paths.map(\.description).joined(separator: ", ") }
