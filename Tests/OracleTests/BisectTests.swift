import Foundation
import PatchEngine
import Patches
import TestSupport
import Testing
import Workspace

/// Searches by halves in a made-up history with merges, against a linear scan of all its commits.
@Suite struct BisectTests {
  /// A history in which patches stop applying, and the patches.
  private struct World {
    let directory: TemporaryDirectory
    let patches: [String]
    /// The first-parent history, oldest first; the patches apply to the first.
    let commits: [String]
    var repository: String { directory.file("repo") }

    /// - Parameter count: how many changes upstream makes after the base; two of them, at places that
    ///   the seed chooses, change the lines that the patches change.
    init(seed: UInt64, count: Int) throws {
      let directory = try TemporaryDirectory(inMemory: true)
      self.directory = directory
      try directory.write("repo/a", Self.lines("a"))
      try directory.write("repo/b", Self.lines("b"))
      let path = directory.file("repo")
      func git(_ arguments: String...) throws { try TestSupport.git(arguments, in: path) }
      try git("init", "-q", "-b", "main")
      try git("add", ".")
      try git("commit", "-q", "-m", "base")
      patches = try ["a", "b"].map { file in
        try directory.write(
          "repo/\(file)", Self.lines(file).replacing("\(file)20\n", with: "\(file) patched\n"))
        let diff = try TestSupport.git(["diff", "--full-index"], in: path)
        try git("checkout", "-q", file)
        return try directory.write("\(file).patch", diff + "\n")
      }
      var random = SeededGenerator(seed: seed)
      let broken = [random.below(count), random.below(count)]
      var texts = ["a": Self.lines("a"), "b": Self.lines("b")]
      for number in 0..<count {
        let file = broken.firstIndex(of: number) == 1 ? "b" : "a"
        let line = broken.contains(number) ? 20 : [3, 8, 33][random.below(3)]
        texts[file] = Self.changed(texts[file]!, file, line, number, &random)
        try directory.write("repo/\(file)", texts[file]!)
        let isMerge = random.below(4) == 0
        if isMerge { try git("checkout", "-q", "-b", "side\(number)") }
        try git("commit", "-q", "-a", "-m", "change \(number)")
        guard isMerge else { continue }
        try git("checkout", "-q", "main")
        try git("merge", "-q", "--no-ff", "-m", "merge \(number)", "side\(number)")
      }
      commits = try TestSupport.git(["rev-list", "--first-parent", "--reverse", "main"], in: path)
        .split(separator: "\n").map(String.init)
    }

    private static func lines(_ file: String) -> String {
      (1...40).map { "\(file)\($0)\n" }.joined()
    }

    /// The text with another line in the place of one, or with one more there.
    private static func changed(
      _ text: String, _ file: String, _ line: Int, _ number: Int,
      _ random: inout SeededGenerator
    ) -> String {
      var lines = text.split(separator: "\n").map(String.init)
      let index = lines.firstIndex { $0.hasPrefix("\(file)\(line)") } ?? 0
      if line != 20, random.below(2) == 0 {
        lines.insert("new \(number)", at: index)
      } else {
        lines[index] = "\(file)\(line) of \(number)"
      }
      return lines.map { $0 + "\n" }.joined()
    }

    /// The first commit on which the patches do not apply, by trying all.
    func linear(exact: Bool) throws -> String? {
      let replayer = try Replayer(repository: repository)
      return try commits.first { commit in
        let job = ReplayJob(
          onto: commit, base: exact ? nil : commits[0], source: .patches(patches))
        let outcomes = try replayer.run(job, effect: .verdicts).steps.map(\.outcome)
        let good: Set<PatchEngine.Outcome> =
          exact ? [.clean, .moved] : [.clean, .moved, .merged, .landed]
        return !outcomes.allSatisfy(good.contains)
      }
    }
  }

  @Test(arguments: 1...6) func theCommitIsTheOneThatALinearScanFinds(seed: Int) throws {
    let world = try World(seed: UInt64(seed), count: 24)
    for exact in [false, true] {
      var question = BisectQuestion(good: world.commits[0], bad: "main")
      question.isExact = exact
      let report = try Bisector(repository: world.repository, files: world.patches).run(question)
      #expect(report.state == .found)
      #expect(report.candidates == world.commits.count - 1)
      #expect(try report.commit?.id.description == world.linear(exact: exact))
      #expect(report.probes <= Bisection(count: report.candidates).probesLeft)
      let broken = report.broken(report.firstBad!)
      #expect(broken.flatMap(\.paths).contains { !$0.outcome.isApplied || exact })
    }
  }

  @Test func onlyTheLastPatchCountsWhereThatIsAsked() throws {
    let world = try World(seed: 3, count: 24)
    let files = world.patches
    func first(_ files: [String], onlyLast: Bool) throws -> ObjectID? {
      let bisector = try Bisector(repository: world.repository, files: files, onlyLast: onlyLast)
      let question = BisectQuestion(good: world.commits[0], bad: "main")
      return try bisector.run(question).commit?.id
    }
    let (a, b) = (try first([files[0]], onlyLast: false), try first([files[1]], onlyLast: false))
    #expect(a != nil && b != nil && a != b)
    #expect(try first(files, onlyLast: true) == b)
    #expect(try first([files[1], files[0]], onlyLast: true) == a)
  }

  @Test func endsThatAreNotWhatTheyWereSaidToBeAreReported() throws {
    let world = try World(seed: 4, count: 12)
    let bisector = try Bisector(repository: world.repository, files: world.patches)
    func ask(_ good: String, _ bad: String) throws -> BisectReport {
      try bisector.run(BisectQuestion(good: good, bad: bad))
    }
    let first = world.commits[0]
    let found = try #require(try ask(first, "main").commit)
    let bad = try ask("\(found.id)", "main")
    #expect(bad.state == .goodIsBad && bad.firstBad == nil && !bad.broken(bad.good).isEmpty)
    let good = try ask(first, "\(found.parents[0])")
    #expect(good.state == .badIsGood && good.firstBad == nil && good.broken(good.bad).isEmpty)
  }
}
