import Foundation

/// Runs the kerb that was built with the tests.
///
/// Colours are off, standard input is empty unless given, and the environment is fixed.
public func kerb(
  _ arguments: [String], in directory: String, input: [UInt8] = [],
  environment extra: [String: String] = [:]
) throws -> Outcome {
  var environment = gitEnvironment
  environment["PATH"] = ProcessInfo.processInfo.environment["PATH"]
  environment["HOME"] = directory
  environment["CI"] = "true"
  return try run(
    kerbProgram, arguments, in: directory, input: input,
    environment: environment.merging(extra) { $1 })
}

/// The path of the program, beside the bundle of the tests.
public let kerbProgram: String = {
  let bundle = CommandLine.arguments.first { $0.contains(".xctest") }
  let candidates = [bundle, Bundle.main.executablePath].compactMap { $0 }
  for candidate in candidates {
    let program = URL(filePath: candidate).deletingLastPathComponent().appending(path: "kerb").path
    if FileManager.default.isExecutableFile(atPath: program) { return program }
  }
  preconditionFailure("no kerb beside \(candidates)")
}()

/// The folder with the sources of the tests.
public let testsFolder = URL(filePath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().path

/// Runs a line of bash, in which `kerb` is the program that was built with the tests.
public func shell(
  _ line: String, in directory: String, environment extra: [String: String] = [:]
) throws -> Outcome {
  var environment = gitEnvironment
  let folder = URL(filePath: kerbProgram).deletingLastPathComponent().path
  environment["PATH"] = "\(folder):/usr/bin:/bin"
  environment["HOME"] = directory
  environment["CI"] = "true"
  return try run(
    "/bin/bash", ["-c", line], in: directory, environment: environment.merging(extra) { $1 })
}
