import ArgumentParser
import Foundation
import Patches
import Reports
import Workspace

/// `kerb roundtrip`: plumbing for tests of the parser.
struct RoundTrip: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "roundtrip", abstract: "Read patches and print them again.",
    shouldDisplay: false)

  @Flag(help: "Print nothing; fail where the bytes differ.")
  var check = false

  @Argument(help: ArgumentHelp("Patch files.", valueName: "patch"))
  var patches: [String]

  func run() throws {
    var isSame = true
    for file in patches {
      let bytes = try readFile(file, name: file, limit: Patch.maximumSize)
      let printed = try Patch(parsing: bytes, name: file).formatted
      if check, printed != bytes {
        Terminal.error("\(terminalSafe(file)): error: printed differently [round-trip]")
        isSame = false
      } else if !check {
        StandardOutput.write(printed)
      }
    }
    if !isSame { throw ExitCode.findings }
  }
}
