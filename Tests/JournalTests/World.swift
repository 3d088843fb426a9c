import Foundation
import Patches
import TestSupport

@testable import Journal

/// A workspace with files and a journal, whose clock stands still.
struct World {
  let directory: TemporaryDirectory
  let journal: Journal

  init(_ files: [String: String] = [:]) throws {
    directory = try TemporaryDirectory()
    for (name, text) in files { try directory.write(name, text) }
    journal = Journal(
      workspace: directory.path, state: directory.file(".kerb/journal"), clock: { 1_700_000_000 })
  }

  /// Writes a set; nil removes a file.
  @discardableResult
  func write(
    _ files: [String: String?], as words: String = "edit", note: String? = nil,
    state: [String: [UInt8]?] = [:]
  ) throws -> Journal.Operation? {
    try journal.hold(for: words) { held in
      try held.write(fileSet(files), as: words, note: note, state: state)
    }
  }

  func undo(_ number: Int? = nil) throws -> Journal.Operation {
    try journal.hold(for: "undo") { try $0.undo(operation: number) }
  }

  func redo() throws -> Journal.Operation { try journal.hold(for: "redo") { try $0.redo() } }

  /// Every file outside `.kerb/`, with its text.
  var files: [String: String] {
    var files: [String: String] = [:]
    let walk = FileManager.default.enumerator(atPath: directory.path)
    while let name = walk?.nextObject() as? String {
      guard !name.hasPrefix(".kerb/"), let text = directory.read(name) else { continue }
      files[name] = text
    }
    return files
  }

  func permissions(of name: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: directory.file(name))
    return attributes[.posixPermissions] as? Int ?? 0
  }

  /// What git says about the log.
  func log(_ arguments: String...) throws -> String {
    try git(arguments, in: directory.file(".kerb/journal/operations.git"))
  }
}

func fileSet(_ files: [String: String?]) throws -> FileSet {
  var set = FileSet()
  for (name, text) in files {
    set.contents.updateValue(text.map { Array($0.utf8) }, forKey: try RepoPath(name))
  }
  return set
}
