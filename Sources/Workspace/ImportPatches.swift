import Foundation
import Git
import Journal
import PatchEngine
import Patches

/// A patch that comes from elsewhere, with the name that it gets.
public struct ImportedPatch: Sendable {
  public var name: String
  public var patch: Patch
  /// The file that it came from, where it is one.
  let file: String?
}

/// Where patches come from.
public enum ImportSource: Sendable {
  /// Patch files; each may be a mailbox of several.
  case files([String])
  /// A commit, or a range `A..B`, of a repository.
  case commits(repository: String, String)
  /// A series file of quilt; the patches are beside it.
  case quilt(String)
  /// A list of patch files, divided by white space; they are named from its folder.
  case order(String)
}

/// How patches are taken in.
public struct ImportOptions: Sendable {
  /// The name of the patch, where it is one.
  public var name: String?
  /// The patch that they go behind; on top where it is nil.
  public var after: String?
  /// The author of patches that name none.
  public var author: Author?
  /// How many components of the names in the patches are dropped, where the source does not say.
  public var strip = 1
  public var dryRun = false

  public init() {}
}

extension Workspace {
  /// Takes patches from elsewhere into stacks. They get canonical form; each has to apply behind the
  /// one before it.
  ///
  /// - Throws: `Diagnostics` for what cannot be read or does not apply, each with its place;
  ///   `Refusal` where a patch behind them changes the same lines.
  public func importing(
    _ source: ImportSource, into stacks: [StackName], _ options: ImportOptions
  ) throws -> AuthoringResult {
    var notes: [String] = []
    var patches = try read(source, options, &notes)
    if let name = options.name {
      guard patches.count == 1 else {
        throw UsageError("--name goes with one patch, and there are \(patches.count)")
      }
      patches[0].name = name
    }
    guard !patches.isEmpty else { throw UsageError("there is no patch to import") }
    var result = try hold { held in
      var files = PatchCache(self.files)
      var edited: [OpenStack] = []
      for stack in stacks {
        var open = try open(stack, &files)
        try inStack(stack, of: stacks) { try take(patches, into: &open, options) }
        edited.append(open)
      }
      return try write(edited, held, dryRun: options.dryRun)
    }
    result.notes += notes
    return result
  }

  /// Says which of several stacks a mistake is about.
  private func inStack(
    _ stack: StackName, of stacks: [StackName], _ body: () throws -> Void
  ) throws {
    do {
      try body()
    } catch let problems as Diagnostics where stacks.count > 1 {
      throw Diagnostics(
        problems.all.map {
          Diagnostic(
            $0.location, "\(stack): \($0.message)", severity: $0.severity, rule: $0.rule)
        })
    }
  }

  private func take(
    _ patches: [ImportedPatch], into open: inout OpenStack, _ options: ImportOptions
  ) throws {
    let project = open.name.project
    var taken = Set(open.stack.patches.map(\.name))
    var place = try options.after.map { try open.index(of: $0) + 1 } ?? open.stack.patches.count
    let tree = try open.tree(before: place, in: self)
    let (effects, steps) = try replayed(patches.map(\.patch), onto: tree, in: open)
    for ((imported, effect), step) in zip(zip(patches, effects), steps) {
      var name = imported.name
      if options.name == nil {
        name = freeName(name, besides: taken)
      }
      try refuse(name: name, in: open)
      taken.insert(name)
      let text = try named(imported.patch, "patches/\(project)/\(name).patch")
      let isExact = step.outcome == .clean && imported.patch.files.allSatisfy(\.namesWholeBlobs)
      let patch = EditedPatch(
        name: name, text: text, effect: effect, written: isExact ? effect : nil)
      do {
        try open.stack.insert(patch, at: place, over: &open.base)
      } catch let obstruction as Obstruction {
        throw obstructed(obstruction, "\(name) cannot go there")
      }
      place += 1
    }
  }

  private func named(_ patch: Patch, _ name: String) throws -> Patch {
    try Patch(parsing: patch.bytes, name: name)
  }

  private func read(
    _ source: ImportSource, _ options: ImportOptions, _ notes: inout [String]
  ) throws -> [ImportedPatch] {
    switch source {
    case .files(let files):
      return try files.flatMap { file in
        let name = fileName(file)
        let bytes = try named(file, limit: Patch.maximumSize)
        var letters: [String] = []
        let mails = try mails(bytes, file, options, &letters, besides: files.count - 1)
        notes += letters.map { "\($0): a letter without a patch is left out" }
        return try mails.map { mail in
          let isAlone = mails.count == 1
          return ImportedPatch(
            name: isAlone && !isMailbox(name) ? stem(of: name) : slug(of: mail.header.subject),
            patch: try canonical(mail, options.author, nil, &notes), file: file)
        }
      }
    case .commits(let repository, let revisions):
      return try commits(revisions, in: repository)
    case .quilt(let file):
      return try quiltEntries(named(file, limit: Series.maximumSize), file, options.strip).map {
        entry in
        try patch(entry.path, in: folder(of: file), strip: entry.strip, options, &notes)
      }
    case .order(let file):
      let bytes = try named(file, limit: Series.maximumSize)
      return try words(of: bytes, file).map { word in
        try patch(word, in: folder(of: file), strip: options.strip, options, &notes)
      }
    }
  }

  /// The bytes of a file that the user named.
  private func named(_ file: String, limit: Int) throws -> [UInt8] {
    guard let bytes = try contents(of: file, limit: limit) else {
      throw Diagnostics(Diagnostic(Location(file), "no such file", rule: "file-read"))
    }
    return bytes
  }

  /// The patches of a file. One that is a letter alone, as that before a series of mails, has none
  /// where there are other files.
  private func mails(
    _ bytes: [UInt8], _ file: String, _ options: ImportOptions, _ letters: inout [String],
    besides others: Int
  ) throws(Diagnostics) -> [Patch] {
    do throws(Diagnostics) {
      return try mailbox(parsing: bytes, name: file, strip: options.strip, letters: &letters)
    } catch {
      let isLetter = error.all.allSatisfy { $0.rule == "no-patch" }
      guard isLetter, others > 0, bytes.starts(with: Array("From ".utf8)) else { throw error }
      letters.append("\(error.all[0].location)")
      return []
    }
  }

  /// - Parameter file: the path in the folder of the list: who wrote the list chose it, so no link is
  ///   followed.
  private func patch(
    _ file: String, in folder: WorkspaceFiles, strip: Int, _ options: ImportOptions,
    _ notes: inout [String]
  ) throws -> ImportedPatch {
    let path = folder.root == "." ? file : "\(folder.root)/\(file)"
    let bytes = try folder.read(file, limit: Patch.maximumSize, as: path)
    let read = try Patch(parsing: bytes, name: path, strip: strip)
    let beside = "\(file)-message"
    let message =
      folder.has(beside) && read.header.message.isEmpty
      ? try folder.read(beside, limit: 1 << 20, as: "\(path)-message") : nil
    return ImportedPatch(
      name: stem(of: fileName(file)), patch: try canonical(read, options.author, message, &notes),
      file: path)
  }

  /// The patch in canonical form, as a mail where somebody is its author.
  private func canonical(
    _ patch: Patch, _ author: Author?, _ message: [UInt8]?, _ notes: inout [String]
  ) throws -> Patch {
    let header = patch.header
    guard let known = header.author ?? taggedAuthor(header) ?? author else {
      return try Patch(parsing: patch.canonical, name: patch.name)
    }
    // The lines of a mail's way here, and its number in a series, say nothing of the patch.
    var words = message ?? header.message
    if String(validating: words, as: UTF8.self) == nil {
      words = words.flatMap { Array(String(UnicodeScalar($0)).utf8) }
      notes.append("\(patch.name): the message is not UTF-8 and is read as Latin-1")
    }
    let title = Array("\(stem(of: fileName(patch.name)))\n".utf8)
    let text = try Patch(name: patch.name, author: known, message: words.isEmpty ? title : words)
    return try Patch(parsing: text.canonical(with: []) + patch.diff, name: patch.name)
  }

  /// A commit's patch as `git format-patch` writes it.
  private func commits(_ revisions: String, in path: String) throws -> [ImportedPatch] {
    let repository = try openRepository(path)
    let ids: [ObjectID]
    do throws(GitError) {
      ids =
        revisions.contains("..")
        ? try repository.commits(inRange: revisions) : [try repository.resolve(revisions)]
    } catch {
      guard error.isNotFound else { throw error }
      throw UsageError("there is no revision '\(revisions)' in \(path)")
    }
    return try ids.map { id in
      let commit = try repository.commit(id).decoded()
      guard commit.parents.count == 1 else {
        throw Refusal("commit \(id) is a merge or has no parent; import the commits that it merges")
      }
      let before = try repository.commit(commit.firstParent()).tree
      let hints = try repository.patch(of: id).files
      let author = Author(
        name: commit.author.name, email: commit.author.email,
        date: AuthorDate(seconds: commit.author.seconds, offset: commit.author.offset))
      let text = try Patch(
        name: "commit \(id)", author: author, message: commit.message, files: hints)
      let bytes = try repository.refreshed(text, from: before, to: commit.tree)
      let patch = try Patch(parsing: bytes, name: "commit \(id)")
      return ImportedPatch(name: slug(of: patch.header.subject), patch: patch, file: nil)
    }
  }
}

extension FileChange {
  /// True where the names on the index line are whole, or it needs none.
  fileprivate var namesWholeBlobs: Bool {
    guard let index else {
      if case .none = content { return true }
      return false
    }
    return index.oldID != nil && index.newID != nil
  }
}

/// The author that a text above a diff names in Debian's form of patch tags (DEP-3).
private func taggedAuthor(_ header: PatchHeader) -> Author? {
  guard header.form == .text else { return nil }
  for line in header.message.split(separator: 10) {
    let text = String(decoding: line, as: UTF8.self)
    guard text.hasPrefix("From: ") || text.hasPrefix("Author: "), text.last == ">",
      let colon = text.firstIndex(of: ":"), let open = text.lastIndex(of: "<")
    else { continue }
    let name = text[text.index(after: colon)..<open].trimmingCharacters(in: .whitespaces)
    let email = text[text.index(after: open)...].dropLast()
    guard !email.contains(where: { "<> ".contains($0) }),
      !name.contains(where: { "<>".contains($0) })
    else { continue }
    return Author(name: Array(name.utf8), email: Array(email.utf8), date: nil)
  }
  return nil
}

/// Opens the repository of a clone, bare or with its files.
private func openRepository(_ path: String) throws -> Repository {
  do throws(GitError) {
    return try Repository(opening: path)
  } catch {
    throw UsageError("\(path) is no git repository")
  }
}

private func isMailbox(_ name: String) -> Bool {
  ["mbox", "mbx", "eml"].contains { name.hasSuffix(".\($0)") }
}

/// A patch's name of its file's: without an ending, and without the number that `git format-patch`
/// puts before it.
func stem(of file: String) -> String {
  var name = Substring(file)
  for ending in [".patch", ".diff", ".dpatch", ".txt"] where name.hasSuffix(ending) {
    name = name.dropLast(ending.count)
    break
  }
  let digits = name.prefix { $0.isASCII && $0.isNumber }
  if digits.count >= 2, name.dropFirst(digits.count).first.map({ "-_".contains($0) }) == true {
    name = name.dropFirst(digits.count + 1)
  }
  let plain = String(name).utf8.map { byte -> UInt8 in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      byte
    default: "._-+".utf8.contains(byte) ? byte : UInt8(ascii: "-")
    }
  }
  let text = String(decoding: plain, as: UTF8.self).drop { "-.".contains($0) }
  return text.isEmpty ? "patch" : String(text)
}

/// One patch of a series file of quilt.
private struct QuiltEntry {
  /// The path in the series' folder.
  let path: String
  let strip: Int
}

/// The entries of a series file of quilt, with their `-pN`; the patches are in its folder, or in
/// `patches/` beside it.
private func quiltEntries(
  _ bytes: [UInt8], _ file: String, _ usual: Int
) throws -> [QuiltEntry] {
  let folder = folder(of: file)
  var found: [QuiltEntry] = []
  var problems: [Diagnostic] = []
  for (index, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
    let text = String(decoding: line, as: UTF8.self)
    let content = text.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" || $0 == "\r" }
    guard let name = content.first.map(String.init) else { continue }
    var strip = usual
    var known = true
    for option in content.dropFirst() {
      if option.hasPrefix("-p"), let number = Int(option.dropFirst(2)), (0...9).contains(number) {
        strip = number
      } else if option == "-pab" {
        strip = 1
      } else {
        known = false
      }
    }
    let path = try? RepoPath(name)
    guard known, path != nil else {
      problems.append(
        Diagnostic(
          Location(file, line: index + 1),
          known
            ? "'\(name.prefix(80))' is no file in this folder"
            : "'\(text.prefix(80))': the only option of an entry is -pN",
          rule: known ? "series-entry" : "series-option"))
      continue
    }
    guard let place = [name, "patches/\(name)"].first(where: folder.has) else {
      problems.append(
        Diagnostic(
          Location(file, line: index + 1),
          "'\(name.prefix(80))' is no file, neither beside the series nor in patches/ there",
          rule: "series-entry"))
      continue
    }
    found.append(QuiltEntry(path: place, strip: strip))
  }
  guard problems.isEmpty else { throw Diagnostics(problems) }
  return found
}

/// The folder that a list of patches is in, from which it names them.
private func folder(of list: String) -> WorkspaceFiles {
  let folder = (list as NSString).deletingLastPathComponent
  return WorkspaceFiles(root: folder.isEmpty ? "." : folder)
}

/// The files that a list names, as paths in its folder; lines that begin with `#` say nothing.
private func words(of bytes: [UInt8], _ file: String) throws -> [String] {
  let folder = folder(of: file)
  var found: [String] = []
  for (index, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated()
  where line.first != UInt8(ascii: "#") {
    for word in line.split(whereSeparator: { $0 == 32 || $0 == 9 || $0 == 13 }) {
      let text = String(decoding: word, as: UTF8.self)
      guard (try? RepoPath(Array(word))) != nil, folder.has(text) else {
        throw Diagnostics(
          Diagnostic(
            Location(file, line: index + 1),
            "'\(text.prefix(80))' is no file in or below the list's folder",
            rule: "series-entry"))
      }
      found.append(text)
    }
  }
  return found
}
