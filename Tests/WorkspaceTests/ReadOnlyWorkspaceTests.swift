import Foundation
import Patches
import TestSupport
import Testing
import Workspace

/// What works in a workspace that cannot be written, and touches nothing of it.
@Suite struct ReadOnlyWorkspaceTests {
  private let world: AuthorWorld
  private let stack: StackName
  private let room: TemporaryDirectory

  init() throws {
    world = try AuthorWorld()
    stack = StackName(try #require(Release("2024.1")), "demo")
    room = try TemporaryDirectory(inMemory: true)
    #expect(try kerb(["apply", "2024.1/demo"], in: world.root).status == 0)
    let text = world.folder.read("work/src/2024.1/demo/f") ?? ""
    try world.folder.write("work/src/2024.1/demo/f", text + "more\n")
  }

  /// Every name in the workspace with what the file system says of it.
  private func picture() throws -> String {
    try shell("find . -printf '%p %s %T@ %C@ %i %m\\n' | sort", in: world.root).text
  }

  private func touchesNothing(_ body: (Workspace) async throws -> Void) async throws {
    let workspace = try world.open().aside(in: room.path)
    let before = try picture()
    try await body(workspace)
    #expect(try picture() == before)
  }

  @Test func aRefreshThatWritesNothingSaysWhatItWould() async throws {
    try await touchesNothing { workspace in
      var options = RefreshOptions()
      options.dryRun = true
      let result = try workspace.refresh(stack, options)
      #expect(result.files.map(\.path) == ["patches/demo/three.patch"])
    }
  }

  @Test func aRebaseThatWritesNothingSaysWhatItWould() async throws {
    try await touchesNothing { workspace in
      var options = MoveOptions()
      options.dryRun = true
      let onto = try #require(workspace.lock[StackName(.master, "demo")])
      let result = try workspace.rebase([(stack, onto)], options)
      #expect(result.stacks.map(\.isThrough) == [true])
    }
  }

  @Test func treesAndPatchesAreExported() async throws {
    let other = try TemporaryDirectory(inMemory: true)
    try await touchesNothing { workspace in
      var options = ExportOptions()
      options.directory = other.path
      for format in ExportFormat.allCases {
        options.format = format
        let exports = try workspace.export([stack], options)
        #expect(exports.map { $0.written != nil } == [true])
      }
    }
  }

  @Test func commandsRunOnATreeElsewhere() async throws {
    try await touchesNothing { workspace in
      let proof = Configuration.Proof(command: ["grep", "-q", "^one$", "f"], isForEach: true)
      let found = try await workspace.execute([proof], on: stack, output: .standardError) { _, _ in
      }
      #expect(found.executions.map(\.status) == [0, 0, 0])
    }
  }
}
