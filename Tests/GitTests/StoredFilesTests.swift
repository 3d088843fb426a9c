import Foundation
import Git
import Patches
import TestSupport
import Testing

/// What a commit would store for the files of a work tree, beside git.
@Suite struct StoredFilesTests {
  private let folder: TemporaryDirectory
  private let tree: WorkTree

  init() throws {
    folder = try TemporaryDirectory(inMemory: true)
    try git(["init", "-q", "up"], in: folder.path)
    try folder.write("up/old-crlf.dat", "a\r\nb\r\n")
    try git(["add", "."], in: folder.file("up"))
    try git(["commit", "-q", "-m", "base"], in: folder.file("up"))
    try git(["clone", "-q", "--bare", "up", "bare.git"], in: folder.path)
    let bare = folder.file("bare.git")
    tree = WorkTree(directory: folder.file("desk"), repository: bare, name: "desk")
    let head = try #require(ObjectID(try git(["rev-parse", "HEAD"], in: bare)))
    try git(["branch", "x", "HEAD"], in: bare)
    try tree.checkOut(branch: "x", commit: head)
  }

  private func write(_ name: String, _ bytes: [UInt8]) throws {
    let path = "\(tree.directory)/\(name)"
    try FileManager.default.createDirectory(
      atPath: URL(filePath: path).deletingLastPathComponent().path,
      withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: path))
  }

  /// The names of the blobs that kerb and git would store.
  private func both(_ names: [String]) throws -> (kerb: [String], git: [String]) {
    var files = try StoredFiles(of: tree)
    let kerb = try names.map { name -> String in
      switch try files.found(at: RepoPath(name), limit: 1 << 20) {
      case .content(_, let bytes): "\(try objectID(.blob, bytes))"
      case .nothing: "nothing"
      case .staged(_, let id): "staged \(id)"
      case .otherEncoding(let name): "not \(name)"
      }
    }
    let input = Array(names.map { $0 + "\n" }.joined().utf8)
    let found = try tryGit(["hash-object", "--stdin-paths"], in: tree.directory, input: input)
    #expect(found.status == 0, "\(found.errors)")
    return (kerb, found.text.split(separator: "\n").map(String.init))
  }

  private static let contents: [String: [UInt8]] = [
    "plain": Array("a\nb\n".utf8), "crlf": Array("a\r\nb\r\n".utf8),
    "mixed": Array("a\r\nb\nc\r\n".utf8), "lone": Array("a\rb\r\nc".utf8),
    "nul": [97, 13, 10, 0, 13, 10], "controls": [1, 2, 3, 13, 10, 97, 13, 10],
    "ident": Array("/* $Id: 0123 x $ */ $Id: two\nlines$ $Id$ $Id:$ $Id: open\r\n".utf8),
    "end": Array("a\r".utf8), "empty": [], "mark": Array("abc\r\n".utf8) + [0x1a],
  ]

  @Test(
    arguments: [
      "", "* text", "* text=auto", "* -text", "* eol=crlf", "* eol=lf", "* text=auto eol=crlf",
      "* crlf", "* -crlf", "* crlf=input", "* crlf=auto", "* text=odd crlf", "* binary",
      "* text ident", "* ident", "* text\n* -text", "* text\n* !text", "* binary\n* -binary",
      "[attr]win text eol=crlf\n* win", "[attr]a b\n[attr]b a text\n* a", "* -text text",
      "# * text", "!* text", "\t* text", "* text=auto -text eol=lf",
    ], ["", "true", "input"])
  func lineEndsAndIdentAreStoredAsGitStoresThem(attributes: String, automatic: String) throws {
    if !automatic.isEmpty {
      try git(["config", "core.autocrlf", automatic], in: folder.file("bare.git"))
    }
    try write(".gitattributes", Array(attributes.utf8))
    for (name, bytes) in Self.contents { try write(name, bytes) }
    let (kerb, git) = try both(Self.contents.keys.sorted())
    #expect(kerb == git)
  }

  @Test(arguments: ["", "* text=auto", "* text", "* text=auto eol=lf"])
  func aFileThatIsStoredWithReturnsStaysSoWhereGitLeavesIt(attributes: String) throws {
    try write(".gitattributes", Array(attributes.utf8))
    try write("old-crlf.dat", Array("a\r\nchanged\r\n".utf8))
    let kerb = try both(["old-crlf.dat"]).kerb
    try git(["add", "old-crlf.dat"], in: tree.directory)
    let staged = try git(["ls-files", "-s", "old-crlf.dat"], in: tree.directory)
    #expect(staged.split(separator: " ")[1] == kerb[0])
  }

  @Test func patternsMeanWhatGitMeansByThem() throws {
    var random = SeededGenerator(seed: 7)
    let parts = [
      "a", "b", "*", "**", "?", "/", "[ab]", "[!a]", "[a-c]", "\\*", "[[:alpha:]]", ".c", "**/",
      "/**",
    ]
    let names = ["a", "b", "c", "a.c", "b.c", "ab"]
    var paths = names
    for folder in ["a", "b/a", "c/b/a"] { paths += names.map { "dir-\(folder)/\($0)" } }
    paths += ["x/a/b", "x/b/a.c", "x/y/b/ab"]
    for path in paths { try write(path, Array("a\r\n".utf8)) }
    for _ in 0..<60 {
      let lines = (0..<3).map { _ in
        let pattern = (0..<Int.random(in: 1...4, using: &random)).map { _ in
          parts.randomElement(using: &random) ?? "a"
        }
        return pattern.joined() + (Bool.random(using: &random) ? " text\n" : " -text\n")
      }
      let (top, below) = (lines.joined(), lines.reversed().joined())
      try write(".gitattributes", Array(top.utf8))
      try write("x/.gitattributes", Array(below.utf8))
      let (kerb, git) = try both(paths)
      #expect(kerb == git, "\(top)")
    }
  }

  @Test(arguments: ["UTF-16", "UTF-16LE", "UTF-16BE", "ISO-8859-1", "utf-8", "SHIFT-JIS"])
  func aFileInAnotherEncodingIsStoredInUTF8(encoding: String) throws {
    try write(".gitattributes", Array("* working-tree-encoding=\(encoding) text\n".utf8))
    let text = "line one\r\nline two\r\n"
    let bytes: [UInt8] =
      switch encoding {
      case "UTF-16": [0xff, 0xfe] + text.utf8.flatMap { [$0, 0] }
      case "UTF-16LE": text.utf8.flatMap { [$0, 0] }
      case "UTF-16BE": text.utf8.flatMap { [0, $0] }
      default: Array(text.utf8)
      }
    try write("a", bytes)
    let (kerb, git) = try both(["a"])
    #expect(kerb == git)
  }

  @Test func aFileThatIsNotInItsEncodingIsNamed() throws {
    try write(".gitattributes", Array("* working-tree-encoding=UTF-16\n".utf8))
    try write("a", Array("plain\n".utf8))
    var files = try StoredFiles(of: tree)
    guard case .otherEncoding("UTF-16") = try files.found(at: RepoPath("a"), limit: 100) else {
      Issue.record("it is taken")
      return
    }
  }

  @Test func attributesBehindALinkSayNothing() throws {
    try write("elsewhere", Array("* text\n".utf8))
    try FileManager.default.createSymbolicLink(
      atPath: "\(tree.directory)/.gitattributes", withDestinationPath: "elsewhere")
    try write("a", Array("a\r\n".utf8))
    let (kerb, git) = try both(["a"])
    #expect(kerb == git)
  }

  @Test func manyStarsCostNoMoreThanThePatternTimesThePath() throws {
    let stars = String(repeating: "*a", count: 900)
    try write(".gitattributes", Array("\(stars)b text\n".utf8))
    let path = "\(String(repeating: "a", count: 240))/\(String(repeating: "a", count: 240))"
    try write(path, Array("a\r\n".utf8))
    var files = try StoredFiles(of: tree)
    guard case .content(_, let bytes) = try files.found(at: RepoPath(path), limit: 100) else {
      Issue.record("it is not taken")
      return
    }
    #expect(bytes == Array("a\r\n".utf8))
  }

  @Test func untrackedFilesAreThoseOfGitsStatus() throws {
    try write(".gitignore", Array("*.o\n".utf8))
    for name in ["new", "folder/one", "folder/two", "x.o", "with space", "only/x.o"] {
      try write(name, [1])
    }
    let status = try git(["status", "--porcelain", "-z"], in: tree.directory)
    let wanted = status.split(separator: "\0").map { String($0.dropFirst(3)) }
    #expect(try tree.untracked().map { String(decoding: $0, as: UTF8.self) } == wanted)
  }
}
