import Foundation
import Testing

@testable import Upstream

/// What a broken machine or network makes of a download; scripts stand for Python.
@Suite struct PackageIndexTests {
  private func error(python: String) async throws -> UpstreamError? {
    let world = try World()
    let index = PackageIndex(scratch: world.path + "/incoming", python: python)
    return await #expect(throws: UpstreamError.self) {
      try await index.download("nova", version: "29.4.0", progress: { _ in })
    }
  }

  private func error(printing text: String) async throws -> UpstreamError? {
    let world = try World()
    let script = world.path + "/python3"
    try "#!/bin/sh\ncat >&2 <<'END'\n\(text)\nEND\nexit 1\n"
      .write(toFile: script, atomically: true, encoding: .utf8)
    chmod(script, 0o755)
    return try await error(python: script)
  }

  @Test func anArchiveWithAnotherBuildBackEndIsLeftToPip() async throws {
    let world = try World()
    let script = world.path + "/python3"
    try """
    #!/bin/sh
    case "$*" in
    *--no-build-isolation*) echo "BackendUnavailable: Cannot import 'other'" >&2; exit 1 ;;
    *) mkdir archive && echo content > archive/nova-29.4.0.tar.gz ;;
    esac

    """.write(toFile: script, atomically: true, encoding: .utf8)
    chmod(script, 0o755)
    let index = PackageIndex(scratch: world.path + "/incoming", python: script)
    let archive = try await index.download("nova", version: nil, progress: { _ in })
    #expect(archive.fileName == "nova-29.4.0.tar.gz")
    #expect(archive.version == "29.4.0")
    #expect(archive.content == Data("content\n".utf8))
  }

  @Test func aMachineWithoutPythonIsToldWhatToInstall() async throws {
    let error = try await error(python: "no-such-python")
    #expect(error?.kind == .environment)
    #expect(error?.message == "the command 'no-such-python' was not found")
  }

  @Test func aPythonWithoutPipIsToldWhatToInstall() async throws {
    let error = try await error(printing: "/usr/bin/python3: No module named pip")
    #expect(error?.kind == .environment)
    #expect(error?.message == "python3 has no pip, which fetches released archives")
    #expect(error?.hint.contains("apt install python3-pip") == true)
  }

  @Test func anIndexThatIsNotReachedIsANetworkError() async throws {
    let error = try await error(
      printing: """
        WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError': /simple/
        ERROR: Could not find a version that satisfies the requirement nova (from versions: none)
        ERROR: No matching distribution found for nova
        """)
    #expect(error?.kind == .network)
  }

  @Test func theLastErrorOfPipIsTold() async throws {
    let error = try await error(printing: "ERROR: a \u{1b}[31mred thing\nnotice: later")
    #expect(error?.kind == .network)
    #expect(error?.message == "pip could not download nova: a \\u{1b}[31mred thing")
  }
}
