import Journal
import Patches

/// What becomes of a patch's header.
public struct HeaderEdit: Sendable {
  /// The new message; nil to keep it.
  public var message: [UInt8]?
  /// The new author; nil to keep the old one. Without a date the old date stays.
  public var author: Author?
  /// The author's new date; nil to keep the old one.
  public var date: AuthorDate?
  /// Trailers to set in order, or with nil to take away.
  public var trailers: [(name: String, value: String?)] = []

  public init(
    message: [UInt8]? = nil, author: Author? = nil, date: AuthorDate? = nil,
    trailers: [(name: String, value: String?)] = []
  ) {
    (self.message, self.author, self.date, self.trailers) = (message, author, date, trailers)
  }

  public var isEmpty: Bool {
    message == nil && author == nil && date == nil && trailers.isEmpty
  }
}

extension Workspace {
  /// Gives a patch another header; its sections stay to the byte. Releases that share the text have
  /// the new one too: no file of a patched tree changes.
  ///
  /// - Parameter old: the text that the edit was made from: another one now is refused.
  /// - Returns: the patch as it is then, and what became of applied stacks.
  /// - Throws: `Diagnostics` for a message that no mail can hold, `UsageError` for a patch that would
  ///   have no author or no subject, `Refusal`; nothing is written then.
  public func edit(
    headerOf name: String, in stack: StackName, _ edit: HeaderEdit, from old: [UInt8]?
  ) throws -> (patch: StackPatch, followed: Followed) {
    try hold { held in
      let found = try patches(of: stack, named: [name])[0]
      let patch = found.patch
      try patch.refuseChanged(since: old)
      let fresh = try patch.with(edit)
      guard fresh.diff == patch.diff else {
        throw Refusal("\(found.file): the message would change what the patch does")
      }
      let bytes = fresh.canonical
      var followed = Followed()
      if bytes != patch.bytes {
        let set = FileSet([try RepoPath(found.file): bytes])
        let follow = Workspace.following(set, in: journal, for: caller)
        try write(set, held)
        followed = follow()
      }
      let now = StackPatch(
        index: found.index, entry: found.entry, patch: try Patch(parsing: bytes, name: found.file),
        releases: found.releases)
      return (now, followed)
    }
  }
}

extension Patch {
  /// - Throws: `Refusal` where the patch is not the text that an edit was made from.
  func refuseChanged(since old: [UInt8]?) throws(Refusal) {
    guard old == nil || old == bytes else {
      throw Refusal("\(name) was changed by another kerb meanwhile; nothing was written")
    }
  }

  /// The patch with another header.
  ///
  /// - Throws: as `Workspace.edit(headerOf:in:_:from:)`.
  func with(_ edit: HeaderEdit) throws -> Patch {
    guard let named = edit.author ?? header.author else {
      throw UsageError("\(name) names no author; give --author 'NAME <ADDRESS>'")
    }
    let author = Author(
      name: named.name, email: named.email, date: edit.date ?? named.date ?? header.author?.date)
    var fresh = try with(author: author, message: edit.message ?? header.message)
    for (trailer, value) in edit.trailers {
      fresh = try fresh.with(author: author, trailer: trailer, value)
    }
    guard !fresh.header.subject.isEmpty else {
      throw UsageError("\(name): the message is empty; nothing was written")
    }
    return fresh
  }
}
