import Foundation
import Patches
import TestSupport
import Testing

@testable import Workspace

/// A workspace's files, where some are not what they seem.
@Suite struct WorkspaceFilesTests {
  private let directory: TemporaryDirectory
  private let files: WorkspaceFiles

  init() throws {
    directory = try TemporaryDirectory()
    try directory.write("ws/series/2024.1", "demo/a.patch\n")
    try directory.write("outside/series/2024.1", "secret words\n")
    files = WorkspaceFiles(root: directory.file("ws"))
  }

  private func link(_ name: String, to target: String) throws {
    let place = directory.file("ws/\(name)")
    try? FileManager.default.removeItem(atPath: place)
    try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: target)
  }

  private func problem(_ name: String) -> Diagnostic? {
    do {
      _ = try files.read(name, limit: 100)
      return nil
    } catch {
      return error.all[0]
    }
  }

  @Test func aFileIsRead() throws {
    #expect(try files.read("series/2024.1", limit: 100) == Array("demo/a.patch\n".utf8))
    #expect(files.look(at: "series") == .folder && files.look(at: "series/2024.1") == .file)
    #expect(files.look(at: "series/none") == .absent && files.look(at: "none/none") == .absent)
    #expect(try files.names(in: "series") == ["2024.1"] && files.names(in: "none").isEmpty)
  }

  @Test(arguments: ["../outside/series/2024.1", "/etc/passwd", "nowhere", "2024.1"])
  func aLinkInTheFilesPlaceIsRefused(_ target: String) throws {
    try link("series/2024.2", to: target)
    #expect(problem("series/2024.2")?.rule == "file-type")
    #expect(problem("series/2024.2")?.message.contains("symbolic link") == true)
    #expect(files.has("series/2024.2"), "a link that leads nowhere is not an absent file")
  }

  @Test(arguments: ["../outside/series", "nowhere"])
  func aLinkOnTheWayIsRefused(_ target: String) throws {
    try link("series", to: target)
    #expect(problem("series/2024.1")?.message.hasPrefix("series is a symbolic link") == true)
    #expect(throws: Diagnostics.self) { try files.names(in: "series") }
  }

  @Test func whatWouldMakeItsReaderWaitIsRefused() throws {
    let place = directory.file("ws/series/2024.2")
    #expect(mkfifo(place, 0o600) == 0)
    #expect(problem("series/2024.2")?.message == "not a regular file")
    #expect(problem("series")?.message == "not a regular file")
  }

  @Test(arguments: [
    "../outside/series/2024.1", "series/../../outside/series/2024.1", "/etc/passwd",
  ])
  func aPathThatLeavesTheWorkspaceIsNone(_ name: String) {
    #expect(problem(name)?.rule == "file-type")
    #expect(problem(name)?.message == "not a path of the workspace")
  }

  @Test func aFileHasALimit() throws {
    #expect(problem("series/2024.1") == nil)
    try directory.write("ws/series/2024.1", String(repeating: "#", count: 101))
    #expect(problem("series/2024.1")?.rule == "file-size")
  }
}
