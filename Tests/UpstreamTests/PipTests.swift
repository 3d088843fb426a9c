import Foundation
import Testing

@testable import Upstream

/// What a machine without a fitting Python makes of a download; scripts stand for Python.
@Suite struct PipTests {
  private func error(python: String) async throws -> UpstreamError? {
    _ = try World()
    let index = PackageIndex(python: python)
    return await #expect(throws: UpstreamError.self) {
      try await index.download("nova", version: "29.4.0", locked: nil, progress: { _ in })
    }
  }

  private func error(script: String) async throws -> UpstreamError? {
    let world = try World()
    let path = world.path + "/python3"
    try "#!/bin/sh\n\(script)\n".write(toFile: path, atomically: true, encoding: .utf8)
    chmod(path, 0o755)
    return try await error(python: path)
  }

  @Test func aMachineWithoutPythonIsToldWhatToInstall() async throws {
    let error = try await error(python: "no-such-python")
    #expect(error?.kind == .environment)
    #expect(error?.message == "the command 'no-such-python' was not found")
  }

  @Test func aPythonWithoutPipIsToldWhatToInstall() async throws {
    let error = try await error(script: "exec python3 -S \"$@\"")
    #expect(error?.kind == .environment)
    #expect(error?.message == "python3 has no pip, which knows the package indexes")
    #expect(error?.hint.contains("apt install python3-pip") == true)
  }

  @Test func aPipWithOtherInsidesIsNamed() async throws {
    let script = """
      mkdir -p pip/_internal
      echo '__version__ = "99.1"' > pip/__init__.py
      exec python3 -S -c 'import sys; sys.path.insert(0, "."); exec(sys.argv[3])' "$@"
      """
    let error = try await error(script: script)
    #expect(error?.kind == .environment)
    #expect(
      error?.message == "this pip does not work as kerb expects: pip 99.1: ModuleNotFoundError: "
        + "No module named 'pip._internal.commands'")
  }

  @Test func whatPythonSaysLastIsTold() async throws {
    let error = try await error(
      script: "echo 'ERROR: a \u{1b}[31mred https://me:hidden@host' >&2; exit 1")
    #expect(error?.kind == .environment)
    #expect(error?.message == "pip could not be set up: a \\u{1b}[31mred https://***@host")
  }
}
