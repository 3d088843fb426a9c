import Foundation
import Images
import PatchEngine
import Reports

@testable import Claims
@testable import Git
@testable import Patches
@testable import Upstream

/// A commit of a stranger's repository.
func readCommit(_ bytes: [UInt8]) {
  guard let commit = Commit(.zero, parsing: bytes) else { return }
  for line in [commit.author, commit.committer] {
    let again = Signature(parsing: line.bytes[...])
    expect(again.bytes == line.bytes, "the line is written differently")
    _ = AuthorDate(seconds: line.seconds, offset: line.offset).mail
    _ = isoDate(seconds: line.seconds, offset: line.offset)
  }
}

/// git's index.
func readIndex(_ bytes: [UInt8]) {
  guard let index = IndexPaths(bytes) else { return }
  _ = index.first(below: []) { _ in false }
  _ = index.first(below: Array("a/".utf8)) { $0.count > 3 }
  expect(index.sharedName?.utf8.count ?? 40 >= 40, "no name of a file")
}

/// The configuration of a repository below `.kerb/`.
func readStore(_ bytes: [UInt8]) {
  do throws(StateProblem) {
    let read = try StoreConfiguration(parsing: bytes, file: "config")
    for key in read.keys { checkShown("\(key)") }
    try read.judge("config")
  } catch {
    checkShown("\(error.path): \(error.reason)")
  }
}

/// A text that the user has left with markers in it.
func readConflicts(_ bytes: [UInt8]) {
  var end = 0
  for conflict in markedConflicts(in: bytes) {
    expect(conflict.range.lowerBound >= end, "a conflict in another")
    end = conflict.range.upperBound
  }
  _ = firstConflictMarker(in: bytes)
}

/// A delta behind the text that it is for, which a first byte gives the length of.
func readDelta(_ bytes: [UInt8]) {
  guard let count = bytes.first.map(Int.init), bytes.count > count else { return }
  let limit = 1 << 16
  let made = applyDelta(Array(bytes[(1 + count)...]), to: Array(bytes[1..<1 + count]), limit: limit)
  expect(made?.count ?? 0 <= limit, "more than the limit")
}

/// A pattern of kerb.yaml on the first line, held against each line below it; and these as the files
/// of every counter that kerb knows.
func readCounter(_ bytes: [UInt8]) {
  let parts = bytes.split(separator: 10, maxSplits: 1, omittingEmptySubsequences: false)
  guard parts.count == 2 else { return }
  if let pattern = try? LinePattern(String(decoding: parts[0], as: UTF8.self)) {
    for line in parts[1].split(separator: 10) { _ = pattern.match(Array(line)) }
  }
  guard let path = try? RepoPath(Array(parts[0])) else { return }
  for counter in Counter.builtIn {
    for entry in counter.entries(in: path, text: { Array(parts[1]) }) {
      expect(entry.value.next.map { entry.value < $0 } ?? true, "the next is not the next")
    }
  }
}

/// `PKG-INFO` and `SOURCES.txt` of a released archive.
func readMetadata(_ bytes: [UInt8]) {
  if let version = SourceDistribution.version(of: bytes) {
    expect(!version.contains("/") && !version.hasPrefix("."), "no part of a file's name")
    let local = SourceDistribution.localVersion(version, label: "x", count: 2)
    let written = SourceDistribution.metadata(bytes, version: local)
    expect(written != nil, "it has a version and none is replaced")
    expect(written.map { SourceDistribution.version(of: $0) } == local, "another version")
  }
  _ = SourceDistribution.sources(bytes, adding: [Array("a".utf8)], removing: [Array("b".utf8)])
}

/// What kolla-build says of the images that it made.
func readSummary(_ bytes: [UInt8]) {
  let read = try? JSONDecoder().decode(KollaSummary.self, from: Data(bytes))
  for image in (read?.built ?? []) + (read?.failed ?? []) { checkShown("built \(image.name)") }
}

/// A page of a package index, as JSON and as HTML.
func readIndexPage(_ bytes: [UInt8]) {
  guard let address = WebAddress("https://example.org/simple/x/") else { return }
  for type in ["application/vnd.pypi.simple.v1+json", "text/html"] {
    let page = IndexPage(body: bytes, contentType: type, address: address)
    for link in (try? page.links()) ?? [] { checkShown(link.fileName) }
  }
}
