import Foundation
import TestSupport
import Testing

/// Files and folders that the user names to be written.
@Suite struct NamedOutputTests {
  private let world: AuthorWorld
  private var folder: TemporaryDirectory { world.folder }

  init() throws {
    world = try AuthorWorld()
    try folder.write("outside/file", "mine\n")
    try folder.write("outside/folder/other", "mine\n")
    try FileManager.default.createDirectory(
      atPath: folder.file("outside/empty"), withIntermediateDirectories: true)
  }

  private func link(_ place: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: folder.file(place), withDestinationPath: target)
  }

  /// Names and contents of everything outside of the workspace.
  private func outside() throws -> String {
    try shell(
      "find . -printf '%p %y %i\\n' | sort; cat file folder/other", in: folder.file("outside")
    )
    .text
  }

  private static let files = [
    "report --markdown", "report --html", "report --check --markdown", "report --check --html",
    "report --html page.html --since", "check --summary", "lint --summary",
    "check --fix-to", "microversion --markdown", "apply 2024.1/demo --tree",
  ]
  private static let folders = [
    "export 2024.1/demo -o", "export 2024.1/demo --format dir -o",
    "export 2024.1/demo --format mbox -o", "export 2024.1/demo --format quilt -o",
    "apply 2024.1/demo --tree",
  ]

  @Test(arguments: files, ["outside/file", "outside/none"])
  func aLinkInTheWorkspaceIsNotFollowedToAFile(_ words: String, _ target: String) throws {
    try breakFormat()
    try link("work/link", to: "../\(target)")
    try refuses("\(words) link", link: "link")
  }

  @Test(arguments: files + folders)
  func aLinkOnTheWayIsNotFollowed(_ words: String) throws {
    try breakFormat()
    try link("work/docs", to: "../outside/folder")
    try refuses("\(words) docs/new", link: "docs")
  }

  @Test(arguments: folders, ["outside/empty", "patches"])
  func aLinkInTheWorkspaceIsNotFollowedToAFolder(_ words: String, _ target: String) throws {
    try link("work/dist", to: target == "patches" ? target : "../\(target)")
    try refuses("\(words) dist", link: "dist")
    try refuses("\(words) \(world.root)/dist", link: "dist")
  }

  @Test(arguments: folders.dropLast())
  func anArchivesOwnNameIsNotFollowed(_ words: String) throws {
    #expect(try shell("kerb \(words) dist", in: world.root).status == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(world.root)/dist")
    let name = try #require(names.first)
    try FileManager.default.removeItem(atPath: "\(world.root)/dist/\(name)")
    try link("work/dist/\(name)", to: "../../outside/empty")
    try refuses("\(words) dist", link: "dist/\(name)")
  }

  @Test func aLinkOfTheCloneAboveTheWorkspaceIsNotFollowed() throws {
    try git(["init", "-q", "."], in: folder.path)
    try link("dist", to: "outside/empty")
    let before = try outside()
    let outcome = try shell(
      "kerb export demo -C work -o dist", in: folder.path)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("'dist' is a symbolic link"))
    #expect(try outside() == before)
  }

  /// A patch that is not in canonical form, so that there is something to mend.
  private func breakFormat() throws {
    let patch = (folder.read("work/patches/demo/one.patch") ?? "") + "-- \n2.40\n"
    try folder.write("work/patches/demo/one.patch", patch)
  }

  private func refuses(_ words: String, link: String) throws {
    let before = try outside()
    let outcome = try shell("kerb \(words)", in: world.root)
    #expect(outcome.status == 2, "\(outcome.text) \(outcome.errors)")
    #expect(outcome.errors.contains("'\(link)' is a symbolic link in the git clone"))
    #expect(try outside() == before)
  }

  @Test(arguments: ["report --markdown", "report --html", "check --summary"])
  func aLinkElsewhereIsTheUsersOwn(_ words: String) throws {
    try link("link", to: "outside/none")
    #expect(try shell("kerb \(words) ../link", in: world.root).status == 0)
    #expect(folder.read("outside/none") != nil)
    #expect(try shell("test -L ../link", in: world.root).status == 0)
  }

  @Test func aFileOfTwoNamesIsNotAddedTo() throws {
    try folder.write("outside/page", "precious\n")
    _ = try shell("ln ../outside/page page", in: world.root)
    let outcome = try shell("kerb check --summary page", in: world.root)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("cannot write page: the file has another name as well"))
    #expect(folder.read("outside/page") == "precious\n")
  }

  @Test func aLinkElsewhereToAFolderIsFollowed() throws {
    try link("link", to: "outside/empty")
    #expect(try shell("kerb export 2024.1/demo -o ../link", in: world.root).status == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("outside/empty"))
    #expect(names.count == 1)
    try breakFormat()
    try link("fix", to: "outside/fix")
    #expect(try shell("kerb check --fix-to ../fix", in: world.root).status == 0)
    #expect(folder.read("outside/fix/kerb-fix.diff") != nil)
  }

  @Test(arguments: ["report --markdown", "report --html", "check --summary"])
  func aDeviceIsWrittenThrough(_ words: String) throws {
    let page = try shell("kerb \(words) /dev/stdout | cat", in: world.root)
    #expect(page.output.count > 40)
    let descriptor = try shell("kerb \(words) /dev/fd/3 3>&1 >/dev/null", in: world.root)
    #expect(!descriptor.output.isEmpty)
    #expect(try shell("kerb \(words) /dev/null >/dev/null", in: world.root).status == 0)
    let full = try shell("kerb \(words) /dev/full >/dev/null; echo $?", in: world.root)
    #expect(full.text == "5", "\(full.errors)")
    let kinds = try shell("stat -c %F /dev/full /dev/null; stat -c %F /dev/stdout", in: world.root)
    #expect(kinds.text == "character special file\ncharacter special file\nsymbolic link")
  }

  @Test func aPipeIsWrittenThrough() throws {
    let line =
      "mkfifo ../pipe; kerb report --markdown ../pipe & cat ../pipe; wait; stat -c %F ../pipe"
    let text = try shell(line, in: world.root).text
    #expect(text.hasPrefix("#"))
    #expect(text.hasSuffix("\nfifo"))
  }

  @Test func aFileOfTwoNamesIsReplacedAndNotWrittenThrough() throws {
    let line = "ln ../outside/file ../twin; kerb report --markdown ../twin"
    #expect(try shell(line, in: world.root).status == 0)
    #expect(folder.read("outside/file") == "mine\n")
    #expect(folder.read("twin")?.hasPrefix("#") == true)
  }

  @Test func aSummaryIsAddedBehindOthers() throws {
    for _ in 1...2 {
      #expect(try shell("kerb check --summary ../outside/file", in: world.root).status == 0)
    }
    let text = try #require(folder.read("outside/file"))
    #expect(text.hasPrefix("mine\n"))
    let half = text.dropFirst(5)
    #expect(half.prefix(half.count / 2) == half.suffix(half.count / 2))
    let job = try kerb(
      ["check", "--format", "github"], in: world.root,
      environment: ["GITHUB_STEP_SUMMARY": folder.file("summary")])
    #expect(job.status == 0)
    #expect(folder.read("summary")?.isEmpty == false)
  }

  @Test func aWrongPlaceIsTheUsersMistake() throws {
    for words in ["report --markdown ../outside", "check --summary ../outside/file/x"] {
      #expect(try shell("kerb \(words)", in: world.root).status == 2)
    }
  }

  /// Trees that git does not make: a link, and below it something in a folder of the same name.
  @Test(arguments: [("a", "a"), ("A", "a")])
  func aTreeThatWouldBeWrittenThroughItsOwnLinkIsNotExported(
    _ link: String, _ name: String
  ) throws {
    let upstream = folder.file("upstream")
    try git(["checkout", "-q", "master"], in: upstream)
    let script = """
      blob=$(printf /outside | git hash-object -w --stdin)
      sub=$(printf '100644 blob %s\\tprecious\\n' $blob | git mktree)
      raw() { printf '%s\\0' "$1"; printf "$(printf %s $2 | sed 's/../\\\\x&/g')"; }
      { raw '120000 \(link)' $blob; raw '40000 \(name)' $sub
        git cat-file tree HEAD^{tree}; } > tree
      tree=$(git hash-object -t tree -w --literally tree)
      git update-ref refs/heads/master $(git commit-tree -m crafted $tree)
      """
    try #require(try shell(script, in: upstream).status == 0)
    _ = try shell("kerb fetch --update --from ../upstream master/demo", in: world.root)
    for format in ["tar", "dir"] {
      let outcome = try shell(
        "kerb export --format \(format) -o ../out master/demo", in: world.root)
      #expect(outcome.status == 1, "\(outcome.errors)")
      #expect(outcome.errors.contains("a/precious: the upstream tree has"), "\(outcome.errors)")
    }
    #expect(try shell("ls ../out 2>/dev/null", in: world.root).text == "")
  }
}
