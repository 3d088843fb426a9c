import Foundation
import TestSupport
import Testing

/// A batch as a program uses it that waits for each answer, and one that sends many jobs at once.
@Suite struct BatchTests {
  private let directory: TemporaryDirectory
  private let trees: [String]

  init() throws {
    directory = try TemporaryDirectory()
    let path = directory.path
    try git(["init", "-q", "-b", "main"], in: path)
    try directory.write("list", "one\n")
    try git(["add", "."], in: path)
    try git(["commit", "-q", "-m", "base"], in: path)
    for number in 1...12 {
      try directory.write("list", "one\n\(number)\n")
      try git(["commit", "-q", "-a", "-m", "\(number)"], in: path)
    }
    trees = try git(["log", "--reverse", "--format=%T"], in: path).split(separator: "\n")
      .dropFirst().map(String.init)
  }

  private func job(_ number: Int) -> String {
    let back = 12 - number
    return #"{"onto": "main~\#(back + 1)", "commits": ["main~\#(back)"]}"# + "\n"
  }

  @Test func whoWaitsForEachAnswerGetsIt() throws {
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: kerbProgram)
    process.arguments = ["replay", "--repo", directory.path, "--batch"]
    (process.standardInput, process.standardOutput) = (input, output)
    try process.run()
    // A program that never answers is ended, so that reading comes to an end.
    let watch = DispatchWorkItem { kill(process.processIdentifier, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + 60, execute: watch)
    for number in 1...12 {
      try input.fileHandleForWriting.write(contentsOf: Data(job(number).utf8))
      var line: [UInt8] = []
      while line.last != UInt8(ascii: "\n"),
        let byte = try output.fileHandleForReading.read(upToCount: 1),
        !byte.isEmpty
      {
        line += byte
      }
      #expect(line.text.contains(trees[number - 1]), "job \(number): \(line.text)")
    }
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    watch.cancel()
    #expect(process.terminationStatus == 0)
  }

  @Test func answersComeInTheOrderOfTheJobs() throws {
    let numbers = (1...12).shuffled()
    let outcome = try kerb(
      ["replay", "--repo", directory.path, "--batch"], in: directory.path,
      input: Array(numbers.map(job).joined().utf8))
    let lines = outcome.text.split(separator: "\n")
    #expect(lines.count == 12)
    for (line, number) in zip(lines, numbers) { #expect(line.contains(trees[number - 1])) }
  }
}

extension [UInt8] {
  fileprivate var text: String { String(decoding: self, as: UTF8.self) }
}
