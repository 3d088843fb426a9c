import Foundation
import TestSupport
import Testing

/// What people give to the verbs that change patches: texts from an editor, dates, clones, runs at once.
@Suite struct AuthorInputTests {
  private let world: AuthorWorld

  init() throws { world = try AuthorWorld() }

  private func shell(_ line: String) throws -> Outcome {
    try TestSupport.shell(line, in: world.root)
  }

  /// The path after "is kept in".
  private func kept(_ errors: String) throws -> String {
    let rest = try #require(errors.split(separator: "your text is kept in ").last)
    return String(rest.prefix { $0 != ";" })
  }

  @Test(arguments: [
    ("sed -i s/^@@.*/@@/", "hunk-header"), ("sed -i s/^-f.8$/-f.9/", "hunk-no-match"),
    ("sed -i d", "no-patch"),
  ])
  func aTextFromTheEditorThatIsRefusedIsKept(editor: String, rule: String) throws {
    let before = try world.bytes()
    let outcome = try shell("EDITOR='\(editor)' kerb edit 2024.1/demo one")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("[\(rule)]"))
    #expect(try world.bytes() == before)
    let path = try kept(outcome.errors)
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(FileManager.default.fileExists(atPath: path))
    // What the message says takes it, once it is corrected.
    let good = String(decoding: before["patches/demo/one.patch"] ?? [], as: UTF8.self)
      .replacing("+one\n", with: "+ONE\n")
    try Data(good.utf8).write(to: URL(filePath: path))
    #expect(try shell("kerb edit 2024.1/demo one --text '\(path)'").status == 0)
  }

  @Test func aTextFromTheEditorThatIsTakenOrUntouchedLeavesNothingBehind() throws {
    let folder = world.folder.file("tmp")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let line = "TMPDIR='\(folder)' EDITOR="
    #expect(try shell("\(line)'sed -i s/^+one$/+ONE/' kerb edit 2024.1/demo one").status == 0)
    #expect(try shell("\(line)true kerb edit 2024.1/demo one").status == 0)
    #expect(try shell("\(line)false kerb edit 2024.1/demo one").status == 2)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
  }

  @Test func aMessageFromTheEditorThatIsRefusedIsKept() throws {
    let outcome = try shell("EDITOR='sed -i 1i[PATCH].x' kerb header 2024.1/demo one --edit")
    #expect(outcome.status != 0)
    let path = try kept(outcome.errors)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let text = try #require(FileManager.default.contents(atPath: path))
    #expect(String(decoding: text, as: UTF8.self).hasPrefix("[PATCH].x\n"))
  }

  /// The date of a new patch.
  private func date(_ environment: String) throws -> String {
    #expect(try shell("kerb apply 2024.1/demo && echo more >> src/2024.1/demo/f").status == 0)
    let outcome = try shell(
      "\(environment) kerb new 2024.1/demo new -m new && grep ^Date: patches/demo/new.patch")
    #expect(outcome.status == 0, "\(outcome.errors)")
    return String(outcome.text.split(separator: "\n").last ?? "")
  }

  @Test func aNewPatchIsOfTheDayItWasMadeWhateverIsBuilt() throws {
    let year = Calendar(identifier: .gregorian).component(.year, from: Date())
    let line = try date("env -u GIT_AUTHOR_DATE SOURCE_DATE_EPOCH=315532800 TZ=Asia/Kolkata")
    #expect(line.contains(" \(year) "))
    #expect(line.hasSuffix(" +0530"))
  }

  @Test(arguments: [
    ("GIT_AUTHOR_DATE='@1700000000 -0330'", "Date: Tue, 14 Nov 2023 18:43:20 -0330"),
    (
      "GIT_AUTHOR_DATE='Mon, 1 Jan 2024 12:30:00 +0100'", "Date: Mon, 1 Jan 2024 12:30:00 +0100"
    ),
  ])
  func aNewPatchHasTheDateThatGitIsTold(environment: String, expected: String) throws {
    #expect(try date(environment) == expected)
  }

  @Test func aDateThatNobodyReadsIsRefused() throws {
    #expect(try shell("kerb apply 2024.1/demo && echo more >> src/2024.1/demo/f").status == 0)
    let outcome = try shell("GIT_AUTHOR_DATE=yesterday kerb new 2024.1/demo new -m new")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("GIT_AUTHOR_DATE is 'yesterday'"))
  }

  @Test func aSecondRunOnOneTreeIsRefusedAndTheFirstKeepsIt() throws {
    let outcome = try shell(
      "kerb exec 2024.1/demo -- sh -c '\"$KERB_PROGRAM\" -C \"$KERB_WORKSPACE\" exec 2024.1/demo -- true'"
        .replacing("-C \"$KERB_WORKSPACE\" exec", with: "exec -C \"$KERB_WORKSPACE\""))
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("2024.1/demo: another 'kerb exec' is running commands"))
    let other = try shell(
      "kerb exec 2024.1/demo -- sh -c '\"$KERB_PROGRAM\" exec -C \"$KERB_WORKSPACE\" master/demo -- true'"
    )
    #expect(other.status == 0, "\(other.errors)")
    #expect(try shell("kerb exec 2024.1/demo -- true").status == 0)
  }

  @Test func aCloneIsOfOneProjectAndOfTheOneThatIsNamed() throws {
    try git(["init", "-q", "-b", "master", "stranger"], in: world.folder.path)
    for number in 0..<20 { try world.folder.write("stranger/other-\(number)", "x\n") }
    try git(["add", "."], in: world.folder.file("stranger"))
    try git(["commit", "-q", "-m", "x"], in: world.folder.file("stranger"))
    let lock = world.folder.read("work/series/upstream.lock")
    let outcome = try shell("kerb fetch --update master/demo --from ../stranger")
    #expect(outcome.status == 5)
    #expect(outcome.errors.contains("stranger is no clone of demo"))
    #expect(world.folder.read("work/series/upstream.lock") == lock)
    let yaml =
      (world.folder.read("work/kerb.yaml") ?? "") + """
          other:
            git: https://example.org/other.git

        """
    try world.folder.write("work/kerb.yaml", yaml)
    for release in AuthorWorld.releases {
      try world.folder.write(
        "work/series/\(release)", (world.folder.read("work/series/\(release)") ?? ""))
    }
    let both = try shell("kerb fetch --update 2024.1 --from ../upstream")
    #expect(both.status == 2, "\(both.errors)")
    #expect(both.errors.contains("is a clone of one project, and 2 were named: demo, other"))
    #expect(world.folder.read("work/series/upstream.lock") == lock)
  }
}
