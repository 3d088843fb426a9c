/// One patch: who wrote it and why, and what it does to each file.
///
/// The bytes that it was read from stay with it; sections and hunks are places in them, so reading
/// costs one pass and printing gives the same bytes.
public struct Patch: Sendable {
  /// The file's name as the user gave it.
  public let name: String
  /// The bytes of the file; the patch is all of them, or one mail of several.
  public let bytes: [UInt8]
  /// What stands before the first section.
  public let header: PatchHeader
  /// The sections in the order of the file.
  public let files: [FileChange]
  /// What stands after the last section: git's signature, blank lines.
  let trailer: Range<Int>

  /// The largest patch file, in bytes: 256 MiB.
  public static let maximumSize = 256 << 20
  /// The most lines of a patch.
  public static let maximumLines = 1 << 24

  /// Reads a patch: a mail as `git format-patch` writes it, `git show`, or a plain diff with or
  /// without a text above it.
  ///
  /// - Parameter strip: how many components of a file's name are dropped (`-p1`).
  /// - Throws: every section that is malformed, each with its line; a file with several mails.
  public init(parsing bytes: [UInt8], name: String, strip: Int = 1) throws(Diagnostics) {
    var parser = PatchParser(bytes, name: name, strip: strip)
    let patch = try parser.patch()
    if let line = parser.lineOfNextMail {
      throw Diagnostics(
        Diagnostic(
          Location(name, line: line),
          "a second mail begins here; one patch a file, so split the file with 'git mailsplit' "
            + "('kerb import' takes a mailbox as it is)", rule: "several-mails"))
    }
    self = patch
  }

  init(
    name: String, bytes: [UInt8], header: PatchHeader, files: [FileChange], trailer: Range<Int>
  ) {
    self.name = name
    self.bytes = bytes
    self.header = header
    self.files = files
    self.trailer = trailer
  }

  /// A change that was read from a commit, with no text form.
  public init(name: String, header: PatchHeader, files: [FileChange]) {
    self.init(name: name, bytes: [], header: header, files: files, trailer: 0..<0)
  }

  /// The offset in `bytes` at which the first section begins; their number where there is none.
  public var firstSection: Int { files.first?.head.lowerBound ?? bytes.count }

  /// The patch printed from its parts: the bytes that were read.
  public var formatted: [UInt8] {
    var result = Array(bytes[header.range])
    result.reserveCapacity(bytes.count)
    for file in files {
      result += bytes[file.lead]
      result += bytes[file.head]
      if case .hunks(let hunks) = file.content {
        for hunk in hunks {
          result += bytes[hunk.header]
          result += bytes[hunk.body]
        }
      } else {
        result += bytes[file.tail]
      }
    }
    result += bytes[trailer]
    return result
  }
}

/// The patches of a file that may hold several mails, in order.
///
/// - Throws: every mail that is malformed.
public func mailbox(parsing bytes: [UInt8], name: String) throws(Diagnostics) -> [Patch] {
  try patches(inMailbox: bytes, name, strip: 1, letters: nil).patches
}

/// The patches of a file that may hold several mails, in order; mails that have no patch are left out.
///
/// - Parameter letters: gets the place of each of these.
/// - Throws: every mail that is malformed.
public func mailbox(
  parsing bytes: [UInt8], name: String, strip: Int, letters: inout [String]
) throws(Diagnostics) -> [Patch] {
  let found = try patches(inMailbox: bytes, name, strip: strip, letters: letters)
  letters = found.letters
  return found.patches
}

/// - Parameter letters: nil to refuse mails without a patch.
private func patches(
  inMailbox bytes: [UInt8], _ name: String, strip: Int, letters: [String]?
) throws(Diagnostics) -> (patches: [Patch], letters: [String]) {
  var parser = PatchParser(bytes, name: name, strip: strip)
  var letters = letters
  var patches: [Patch] = []
  var problems: [Diagnostic] = []
  repeat {
    do {
      patches.append(try parser.patch())
    } catch {
      let isLetter = error.all.allSatisfy { $0.rule == "no-patch" }
      if isLetter, letters != nil, !patches.isEmpty || parser.lineOfNextMail != nil {
        letters?.append("\(error.all[0].location)")
      } else {
        problems += error.all
      }
    }
  } while parser.lineOfNextMail != nil && problems.count < Diagnostics.most
  guard problems.isEmpty else { throw Diagnostics(problems) }
  return (patches, letters ?? [])
}
