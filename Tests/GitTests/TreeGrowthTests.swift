import Patches
import TestSupport
import Testing

@testable import Git

/// Twice the input is about twice the work: counts of entries and folders, no seconds.
@Suite struct TreeGrowthTests {
  private func shuffled(_ count: Int) -> [Int] {
    var random = SeededGenerator(seed: 11)
    return Array(0..<count).shuffled(using: &random)
  }

  /// What it costs to make the paths in an empty tree, and the tree.
  private func work(of paths: [String], then change: Bool = false) throws -> (Int, ObjectID) {
    let small = try SmallRepository()
    let repository = try Repository(opening: small.path)
    var editor = TreeEditor(base: nil)
    var encoder = ObjectEncoder()
    let blob = try objectID(.blob, "x".bytes)
    for path in paths {
      try editor.set(RepoPath(path), rawMode: 0o100644, id: blob, reader: repository)
    }
    var tree = try editor.write(reader: repository, encoder: &encoder, into: nil)
    if change {
      for path in paths {
        try editor.set(RepoPath(path), rawMode: 0o100755, id: blob, reader: repository)
      }
      tree = try editor.write(reader: repository, encoder: &encoder, into: nil)
      for path in paths { try editor.remove(RepoPath(path), reader: repository) }
    }
    return (editor.work, tree)
  }

  @Test(arguments: ["d/n", "n", "d/d/e"])
  func newFilesOfOneFolderCostTheSameEach(prefix: String) throws {
    let (few, _) = try work(of: shuffled(4_000).map { "\(prefix)\($0)" })
    let (many, _) = try work(of: shuffled(8_000).map { "\(prefix)\($0)" })
    #expect(many < 5 * 8_000 && many * 10 < few * 22)
  }

  @Test func changesAndRemovalsInOneFolderCostTheLogarithmEach() throws {
    let (few, _) = try work(of: shuffled(4_000).map { "d/n\($0)" }, then: true)
    let (many, _) = try work(of: shuffled(8_000).map { "d/n\($0)" }, then: true)
    #expect(many < 60 * 8_000 && many * 10 < few * 24)
  }

  @Test func foldersOfOneFolderCostTheSameEach() throws {
    let (few, _) = try work(of: shuffled(2_000).map { "d/n\($0)/f" })
    let (many, _) = try work(of: shuffled(4_000).map { "d/n\($0)/f" })
    #expect(many < 25 * 4_000 && many * 10 < few * 24)
  }

  @Test func aDeepPathCostsItsDepth() throws {
    func paths(_ count: Int, _ depth: Int) -> [String] {
      let folders = String(repeating: "a/", count: depth - 2)
      return (0..<count).map { "d\($0)/\(folders)f" }
    }
    let (base, _) = try work(of: paths(20, 250))
    #expect(base < 20 * 250 * 5)
    #expect(try work(of: paths(20, 500)).0 * 10 < base * 22)
    #expect(try work(of: paths(40, 250)).0 * 10 < base * 22)
  }

  /// What it costs to look for files that a folder has, and for as many that it does not have.
  private func lookups(_ count: Int) throws -> Int {
    let small = try SmallRepository()
    let pack = try PackWriter(objectsDirectory: small.objects)
    var encoder = ObjectEncoder()
    var editor = TreeEditor(base: nil)
    let repository = try Repository(opening: small.path)
    for number in 0..<count {
      let path = try RepoPath("d/n\(number)")
      try editor.set(path, rawMode: 0o100644, id: .zero, reader: repository)
    }
    let tree = try editor.write(reader: repository, encoder: &encoder, into: pack)
    _ = try pack.finish()
    let reader = try Repository(opening: small.path)
    for number in shuffled(2 * count) {
      let entry = try reader.entry(at: RepoPath("d/n\(number)"), inTree: tree)
      #expect((entry != nil) == (number < count))
    }
    return reader.trees.work
  }

  @Test func lookingForFilesOfOneFolderCostsTheLogarithmEach() throws {
    let (few, many) = try (lookups(2_000), lookups(4_000))
    #expect(many < 20 * 2 * 4_000 && many * 10 < few * 24)
  }

  @Test func anIndexFindsWhatReadingOnFinds() throws {
    var random = SeededGenerator(seed: 3)
    // Neither sorted nor without repetition: a tree that comes from elsewhere may be so.
    let names = (0..<300).map { _ in "n\(random.next() % 200)" }
    let bytes = names.flatMap { name -> [UInt8] in
      "100644 \(name)".bytes + [0] + [UInt8](repeating: 7, count: 20)
    }
    for departures in [Set<Int>(), Set([0, 28, 29, 30])] {
      var index = EntryIndex()
      var (work, found) = (0, 0)
      for number in 0..<400 {
        let name = "n\(number % 250)".bytes[...]
        var fresh = EntryIndex()
        let wanted = fresh.find(name, in: bytes, without: departures, work: &work)
        let place = index.find(name, in: bytes, without: departures, work: &work)
        #expect(place?.start == wanted?.start)
        found += place == nil ? 0 : 1
      }
      #expect(found > 200)
    }
  }
}
