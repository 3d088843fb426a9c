import Foundation
import TestSupport
import Testing

/// What becomes of a result that cannot be written, and of messages that cannot.
@Suite struct StandardOutputTests {
  private let world: AuthorWorld

  private static let made = Result { try AuthorWorld() }

  init() throws {
    world = try AuthorWorld(copying: Self.made.get())
    #expect(try kerb(["apply", "demo"], in: world.root).status == 0)
  }

  /// Everything that prints, each with what makes its result.
  static let verbs = [
    "check", "check --json", "check --format github", "check --format gitlab",
    "check --format junit", "check --format sarif", "check --onto latest", "apply demo",
    "apply demo --json",
    "status", "status --json", "landed", "landed --json", "series 2024.1/demo",
    "series --json 2024.1/demo", "show 2024.1/demo one", "show --json 2024.1/demo one",
    "files 2024.1/demo", "header 2024.1/demo one", "annotate 2024.1/demo f", "lint", "lint --json",
    "fmt --check", "fmt --stdin < patches/demo/one.patch", "graph 2024.1/demo",
    "graph --json 2024.1/demo", "log", "log --json", "diff 2024.1/demo master/demo", "report",
    "microversion --all --json", "export demo -o ../out", "export demo --json -o ../out",
    "completion bash",
    "completion fish", "--help", "help check", "check --help", "--version",
    "rename 2024.1/demo one first --dry-run", "delete 2024.1/demo three --dry-run",
    "fetch", "fetch --json", "resolve --remembered", "exec --json 2024.1/demo -- true",
    "roundtrip patches/demo/one.patch", "undo",
    "replay --repo ../upstream --onto master patches/demo/one.patch",
    "replay --batch --repo ../upstream <<< '{\"onto\": \"master\", \"patches\": []}'",
    "init --project demo --git https://example.org/d.git ../new",
  ]

  @Test(arguments: verbs) func aResultThatIsLostIsAnError(_ verb: String) throws {
    let copy = try AuthorWorld(copying: world)
    // A copied work tree is that of the other workspace.
    _ = try shell("rm -rf src .kerb/exec .kerb/upstream/demo.git/worktrees", in: copy.root)
    let said = try shell("kerb \(verb)", in: world.root)
    try #require(!said.output.isEmpty, "\(said.errors)")
    for (place, why) in [("> /dev/full", "No space left"), (">&-", "Bad file descriptor")] {
      let outcome = try shell("rm -rf ../new; kerb \(verb) \(place)", in: copy.root)
      #expect(outcome.status == 5, "\(place): \(outcome.errors)")
      #expect(outcome.errors.contains("cannot write to standard output: \(why)"))
      _ = try shell("kerb redo", in: copy.root)
    }
  }

  @Test(arguments: ["2> /dev/full", "2>&-", "2>&3"])
  func aMessageThatIsLostChangesNothing(_ place: String) throws {
    // The third descriptor is a pipe that nobody reads.
    let pipe = "mkfifo ../pipe; exec 4<>../pipe; exec 3>../pipe; exec 4<&-; kerb "
    let codes = try ["check", "report --check", "nonsense"].map { verb in
      try shell("\(pipe)\(verb) \(place)", in: world.root).status
    }
    #expect(codes == [0, 2, 2])
  }

  @Test(arguments: ["", "trap '' PIPE; "])
  func withoutAReaderItEndsAsOthersDo(_ before: String) throws {
    let pipe = "mkfifo ../pipe; exec 4<>../pipe; exec 3>../pipe; exec 4<&-; "
    let outcome = try shell("\(before)\(pipe)(kerb completion bash >&3); echo $?", in: world.root)
    #expect(outcome.text == "141")
    #expect(outcome.errors == "")
  }

  @Test func noFileTakesThePlaceOfAClosedDescriptor() throws {
    let outcome = try shell("kerb report --html page.html <&- >&- 2>&-", in: world.root)
    #expect(outcome.status == 0)
    #expect(world.folder.read("work/page.html")?.hasPrefix("<!DOCTYPE html>") == true)
    let lost = try shell("kerb status <&- >&- 2>&-; kerb apply demo >&- 2>&-", in: world.root)
    #expect(lost.status == 5)
    #expect(try kerb(["check"], in: world.root).status == 0)
  }

  @Test func aResultAndMessagesComeInTheirOrder() throws {
    let line = "kerb exec 2024.1/demo -- echo between 2>&1"
    let text = try shell(line, in: world.root).text
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.count == 3)
    #expect(lines.first?.hasPrefix("== ") == true)
    #expect(lines.dropFirst().first == "between")
  }

  @Test func standardInputThatCannotBeReadIsSaid() throws {
    for place in ["<&-", "< /"] {
      let outcome = try shell("kerb fmt --stdin \(place)", in: world.root)
      #expect(outcome.status == 2)
      #expect(outcome.errors.contains("cannot read standard input"))
    }
  }

  @Test func aMissingFolderForTemporaryFilesIsNamed() throws {
    let outcome = try kerb(
      ["edit", "2024.1/demo", "one"], in: world.root,
      environment: ["TMPDIR": "/nonexistent", "EDITOR": "true"])
    #expect(outcome.status == 5)
    #expect(outcome.errors.contains("in /nonexistent, which TMPDIR names: No such file"))
  }

  @Test func theEditorsFileIsTheUsersAlone() throws {
    try world.folder.write("edit", "#!/bin/sh\nstat -c %a \"$(dirname \"$1\")\" > ../mode\n")
    _ = try shell("chmod +x ../edit; EDITOR=../edit kerb edit 2024.1/demo one", in: world.root)
    #expect(world.folder.read("mode") == "700\n")
  }
}
