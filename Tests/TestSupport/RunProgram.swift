import Foundation

/// What a program left behind.
public struct Outcome: Sendable {
  public let status: Int32
  public let output: [UInt8]
  public let errors: String

  /// The output as text, without its last line feed.
  public var text: String {
    let text = String(decoding: output, as: UTF8.self)
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }
}

/// Runs a program, whatever it says.
public func run(
  _ program: String, _ arguments: [String], in directory: String, input: [UInt8] = [],
  environment: [String: String]
) throws -> Outcome {
  let process = Process()
  process.executableURL = URL(filePath: program)
  process.arguments = arguments
  process.currentDirectoryURL = URL(filePath: directory)
  process.environment = environment.merging(sanitizerOptions) { $1 }
  // Files, not pipes: neither side can wait for the other.
  let scratch = try TemporaryDirectory(inMemory: true)
  try scratch.write("in", input)
  try scratch.write("out", "")
  try scratch.write("err", "")
  process.standardInput = FileHandle(forReadingAtPath: scratch.file("in"))
  process.standardOutput = FileHandle(forWritingAtPath: scratch.file("out"))
  process.standardError = FileHandle(forWritingAtPath: scratch.file("err"))
  try process.run()
  process.waitUntilExit()
  return Outcome(
    status: process.terminationStatus,
    output: Array(FileManager.default.contents(atPath: scratch.file("out")) ?? Data()),
    errors: scratch.read("err") ?? "")
}

/// What a sanitized build of kerb has to know of the run that it is part of.
private let sanitizerOptions = ProcessInfo.processInfo.environment.filter {
  ["TSAN_OPTIONS", "ASAN_OPTIONS"].contains($0.key)
}
