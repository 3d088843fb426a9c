private import Subprocess
private import SystemPackage

#if canImport(Darwin)
  private import Darwin
#else
  private import Glibc
#endif

extension Program {
  /// Runs the program and waits for its end. When the calling task is cancelled the program is
  /// asked to end, and killed two seconds later.
  ///
  /// - Parameters:
  ///   - limit: The most bytes of standard output that are taken.
  ///   - onErrorLine: Gets each line of the standard error as it comes, without its end. A carriage
  ///     return ends a line too, as progress displays use it.
  /// - Throws: ``ProgramError``, or `CancellationError`.
  public func run(
    outputLimit limit: Int = 16 << 20,
    onErrorLine: @Sendable ([UInt8]) -> Void = { _ in }
  ) async throws -> Output {
    guard let timeout else {
      return try await launch(limit: limit, onErrorLine: onErrorLine)
    }
    return try await withoutActuallyEscaping(onErrorLine) { onErrorLine in
      try await withThrowingTaskGroup(of: Output.self) { group in
        group.addTask { try await launch(limit: limit, onErrorLine: onErrorLine) }
        group.addTask {
          try await Task.sleep(for: timeout)
          throw ProgramError.timedOut(name: name, after: timeout)
        }
        defer { group.cancelAll() }
        return try await group.next()!
      }
    }
  }

  /// Where a program's standard output goes when this process lends it its own.
  public enum Destination: Sendable {
    case standardOutput, standardError
  }

  /// Runs the program with this process's own standard error, and its standard output where it is
  /// told, and waits for its end.
  ///
  /// - Parameter lendsInput: true to let it read this process's standard input, as an editor does.
  /// - Returns: how it ended.
  /// - Throws: ``ProgramError``, or `CancellationError`.
  public func runForwarding(
    output: Destination = .standardOutput, lendsInput: Bool = false
  ) async throws -> Output.Status {
    do {
      let status =
        if lendsInput {
          try await forward(
            .fileDescriptor(.standardInput, closeAfterSpawningProcess: false), output)
        } else {
          try await forward(.none, output)
        }
      try Task.checkCancellation()
      return Output.Status(status)
    } catch let error as SubprocessError {
      try Task.checkCancellation()
      throw translated(error, limit: 0)
    }
  }

  private func forward(
    _ input: some InputProtocol, _ output: Destination
  ) async throws -> TerminationStatus {
    switch output {
    case .standardOutput:
      try await Subprocess.run(
        configuration(), input: input, output: .currentStandardOutput, error: .currentStandardError
      ).terminationStatus
    case .standardError:
      try await Subprocess.run(
        configuration(), input: input, output: .currentStandardError, error: .currentStandardError
      ).terminationStatus
    }
  }

  private func launch(
    limit: Int, onErrorLine: @Sendable ([UInt8]) -> Void
  ) async throws -> Output {
    do {
      let output =
        if let input {
          try await launch(
            input: .fileDescriptor(try temporaryFile(input), closeAfterSpawningProcess: true),
            limit: limit, onErrorLine: onErrorLine)
        } else {
          try await launch(input: .none, limit: limit, onErrorLine: onErrorLine)
        }
      try Task.checkCancellation()
      return output
    } catch let error as SubprocessError {
      try Task.checkCancellation()
      throw translated(error, limit: limit)
    }
  }

  private func launch(
    input: some InputProtocol, limit: Int, onErrorLine: @Sendable ([UInt8]) -> Void
  ) async throws -> Output {
    let result = try await Subprocess.run(
      configuration(), input: input, output: .bytes(limit: limit), error: .sequence
    ) { execution in
      var lines = ErrorLines()
      for try await chunk in execution.standardError {
        lines.append(chunk.withUnsafeBytes { Array($0) }, onLine: onErrorLine)
      }
      return lines.finish(onLine: onErrorLine)
    }
    return Output(
      status: Output.Status(result.terminationStatus), standardOutput: result.standardOutput,
      standardError: result.closureResult)
  }

  /// A file without a name that holds the bytes, open at its start. A pipe would send this process
  /// SIGPIPE, and end it, when the program does not read all of its input.
  private func temporaryFile(_ bytes: [UInt8]) throws(ProgramError) -> FileDescriptor {
    do {
      let folder = try makePrivateFolder(for: "input")
      let path = "\(folder)/input"
      defer {
        unlink(path)
        rmdir(folder)
      }
      let file = try FileDescriptor.open(
        FilePath(path), .readWrite, options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: .ownerReadWrite)
      do {
        try file.writeAll(bytes)
        try file.seek(offset: 0, from: FileDescriptor.SeekOrigin.start)
        return file
      } catch {
        try? file.close()
        throw error
      }
    } catch {
      throw .failed(name: name, reason: "no temporary file for its input: \(error)")
    }
  }

  private func configuration() throws(ProgramError) -> Configuration {
    var options = PlatformOptions()
    options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
    let changes = ProgramEnvironment.changes(environment).map {
      (Environment.Key(stringLiteral: $0.key), $0.value)
    }
    return Configuration(
      executable: .path(try executable()),
      arguments: Arguments(arguments),
      environment: .inherit.updating(Dictionary(uniqueKeysWithValues: changes)),
      workingDirectory: directory.map { FilePath($0) },
      platformOptions: options)
  }

  private func executable() throws(ProgramError) -> FilePath {
    guard !name.contains("/") else { return FilePath(name) }
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    let found = ProgramEnvironment.find(name, in: path) { file in
      var status = stat()
      return stat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        && access(file, X_OK) == 0
    }
    guard let found else { throw .notFound(name: name) }
    return FilePath(found)
  }

  private func translated(_ error: SubprocessError, limit: Int) -> ProgramError {
    switch error.code {
    case .executableNotFound: .notFound(name: name)
    case .outputLimitExceeded: .tooMuchOutput(name: name, limit: limit)
    default: .failed(name: name, reason: error.description)
    }
  }
}

/// Divides the bytes of a standard error into lines, and keeps the last part of them.
private struct ErrorLines {
  private static let kept = 256 << 10
  private var tail: [UInt8] = []
  private var line: [UInt8] = []

  mutating func append(_ bytes: [UInt8], onLine: ([UInt8]) -> Void) {
    tail += bytes
    if tail.count > 2 * Self.kept { tail.removeFirst(tail.count - Self.kept) }
    for byte in bytes {
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
        flush(onLine)
      } else if line.count < Self.kept {
        line.append(byte)
      }
    }
  }

  mutating func finish(onLine: ([UInt8]) -> Void) -> [UInt8] {
    flush(onLine)
    return Array(tail.suffix(Self.kept))
  }

  private mutating func flush(_ onLine: ([UInt8]) -> Void) {
    if !line.isEmpty { onLine(line) }
    line.removeAll(keepingCapacity: true)
  }
}

extension Output.Status {
  fileprivate init(_ status: TerminationStatus) {
    switch status {
    case .exited(let code): self = .exited(code)
    case .signaled(let signal): self = .signalled(signal)
    }
  }
}
