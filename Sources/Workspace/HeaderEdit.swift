import Journal
import Patches

/// What becomes of a patch's header.
public struct HeaderEdit: Sendable {
  /// The new message; nil to keep it.
  public var message: [UInt8]?
  /// Name and address; nil to keep them. The date stays.
  public var author: (name: [UInt8], email: [UInt8])?
  /// Trailers to set in order, or with nil to take away.
  public var trailers: [(name: String, value: String?)] = []

  public init() {}

  public var isEmpty: Bool { message == nil && author == nil && trailers.isEmpty }
}

extension Workspace {
  /// Gives a patch another header; its sections stay to the byte. Releases that share the text have
  /// the new one too: no file of a patched tree changes.
  ///
  /// - Returns: the patch as it is then.
  /// - Throws: `Diagnostics` for a message that no mail can hold, `UsageError` for a patch that would
  ///   have no author or no subject; nothing is written then.
  public func edit(
    headerOf name: String, in stack: StackName, _ edit: HeaderEdit
  ) throws -> StackPatch {
    try hold { held in
      let found = try patches(of: stack, named: [name])[0]
      let patch = found.patch
      let old = patch.header
      let author = try author(edit, old, found.file)
      var fresh = try patch.with(author: author, message: edit.message ?? old.message)
      for (name, value) in edit.trailers {
        fresh = try fresh.with(
          author: author, message: fresh.header.message(settingTrailer: name, to: value))
      }
      guard !fresh.header.subject.isEmpty else {
        throw UsageError("\(found.file): the message is empty; nothing was written")
      }
      guard fresh.diff == patch.diff else {
        throw Refusal("\(found.file): the message would change what the patch does")
      }
      let bytes = fresh.canonical
      if bytes != patch.bytes {
        try write(FileSet([try RepoPath(found.file): bytes]), held)
      }
      return StackPatch(
        index: found.index, entry: found.entry, patch: try Patch(parsing: bytes, name: found.file),
        releases: found.releases)
    }
  }

  private func author(
    _ edit: HeaderEdit, _ old: PatchHeader, _ file: String
  ) throws(UsageError) -> Author {
    if let (name, email) = edit.author {
      return Author(name: name, email: email, date: old.author?.date)
    }
    guard let author = old.author else {
      throw UsageError("\(file) names no author; give --author 'NAME <ADDRESS>'")
    }
    return author
  }
}
