import Synchronization
import Testing

@testable import Processes

@Suite struct ProgramTests {
  @Test func aProgramsExitStatusIsAResult() async throws {
    let output = try await Program("sh", ["-c", "echo out; echo err >&2; exit 3"]).run()
    #expect(output.status == .exited(3))
    #expect(!output.succeeded)
    #expect(output.standardOutput == Array("out\n".utf8))
    #expect(output.standardError == Array("err\n".utf8))
  }

  @Test func aSignalIsAResult() async throws {
    let output = try await Program("sh", ["-c", "kill -9 $$"]).run()
    #expect(output.status == .signalled(9))
  }

  @Test func argumentsReachTheProgramAsTheyStand() async throws {
    let odd = ["a b", "$HOME", "`id`", "*", "", "'\""]
    let output = try await Program("printf", ["%s\\n"] + odd).run()
    #expect(output.standardOutput == Array((odd.joined(separator: "\n") + "\n").utf8))
  }

  @Test func inputDirectoryAndEnvironmentReachTheProgram() async throws {
    let program = Program(
      "sh", ["-c", "cat; pwd; echo $SET; echo ${HOME-unset}"],
      environment: ["SET": "value", "HOME": nil], directory: "/usr", input: Array("typed\n".utf8))
    #expect(try await program.run().standardOutput == Array("typed\n/usr\nvalue\nunset\n".utf8))
  }

  @Test func aProgramThatDoesNotReadItsInputIsNoError() async throws {
    let input = [UInt8](repeating: 7, count: 1 << 20)
    #expect(try await Program("true", input: input).run().succeeded)
  }

  @Test func aMissingCommandSaysWhatToInstall() async throws {
    let error = await #expect(throws: ProgramError.self) {
      try await Program("no-such-command").run()
    }
    #expect(
      error?.description == "the command 'no-such-command' was not found; install it "
        + "(Debian: apt install no-such-command)")
  }

  @Test func linesOfTheStandardErrorComeOneByOne() async throws {
    let lines = Mutex<[String]>([])
    let script = "printf 'one\\n 5%%\\r10%%\\r\\nlast' >&2"
    _ = try await Program("sh", ["-c", script]).run { line in
      lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
    }
    #expect(lines.withLock { $0 } == ["one", " 5%", "10%", "last"])
  }

  /// The program would never end by itself, so that the call returns only if it was ended.
  @Test func aTimeoutEndsTheProgram() async throws {
    await #expect(throws: ProgramError.timedOut(name: "sleep", after: .milliseconds(200))) {
      try await Program("sleep", ["infinity"], timeout: .milliseconds(200)).run()
    }
  }

  @Test func moreOutputThanTheLimitIsAnError() async throws {
    await #expect(throws: ProgramError.tooMuchOutput(name: "seq", limit: 1000)) {
      try await Program("seq", ["100000000"]).run(outputLimit: 1000)
    }
  }

  @Test func cancellationEndsTheProgram() async throws {
    let task = Task { try await Program("sleep", ["infinity"]).run() }
    try await Task.sleep(for: .milliseconds(200))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func noProgramIsLedToTheRepositoryThatGitWasCalledFor() async throws {
    let output = try await Program(
      "sh", ["-c", "env | grep ^GIT_ | sort"],
      environment: ["GIT_DIR": "/mine", "GIT_AUTHOR_NAME": "a"]
    ).run()
    let names = String(decoding: output.standardOutput, as: UTF8.self).split(separator: "\n")
    #expect(names.contains("GIT_DIR=/mine") && names.contains("GIT_AUTHOR_NAME=a"))
    let changes = ProgramEnvironment.changes([:])
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY"] {
      #expect(changes[name] == .some(nil))
    }
  }

  @Test func aWorkspaceDoesNotBringTheProgram() {
    var asked: [String] = []
    let found = ProgramEnvironment.find("git", in: ".:bin::/usr/bin:./x:/bin") { path in
      asked.append(path)
      return path.hasPrefix("/bin")
    }
    #expect(found == "/bin/git" && asked == ["/usr/bin/git", "/bin/git"])
  }
}
