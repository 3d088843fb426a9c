import Foundation
import TestSupport
import Testing

/// Conflicts that are more than lines, from the stop to the patch that comes of them.
@Suite struct OpenConflictTests {
  private static let lines = "seq 100 120 > a"

  private func binary() throws -> ConflictWorld {
    let world = try ConflictWorld(
      base: #"printf '\0o' > b.bin; printf '\0o' > c.bin"#,
      ours: #"printf '\0up' > b.bin; printf '\0up' > c.bin"#,
      theirs: #"printf '\0mine' > b.bin; printf '\0mine' > c.bin; seq 3 > new"#)
    #expect(try world.rebase().status == 3)
    return world
  }

  @Test func aBinaryFileIsSettledByTakingASide() throws {
    let world = try binary()
    let shown = try world.kerb("resolve").text
    #expect(
      shown.contains("src/master/demo/b.bin: both sides change the binary file; upstream's is here")
    )
    #expect(shown.hasSuffix("2 conflicts are open"))
    #expect(
      try world.kerb("resolve", "--take", "theirs").text
        == "src/master/demo/b.bin: theirs\nsrc/master/demo/c.bin: theirs")
    #expect(try world.kerb("resolve").text == "0 conflicts are open")
    #expect(try world.kerb("continue").status == 0)
    #expect(world.patch.components(separatedBy: "GIT binary patch").count == 3)
  }

  @Test func gitAddSettlesIt() throws {
    let world = try binary()
    try world.run(
      "cd work/src/master/demo && printf '\\0third' > b.bin && git checkout -q --theirs c.bin && git add b.bin c.bin"
    )
    #expect(try world.kerb("continue").status == 0)
    #expect(world.patch.components(separatedBy: "GIT binary patch").count == 3)
  }

  @Test func whatIsLostIsNamedAndAllowedOneByOne() throws {
    let world = try binary()
    _ = try world.kerb("resolve", "--take", "ours")
    let refused = try world.kerb("continue")
    #expect(refused.status == 3)
    #expect(
      refused.text.split(separator: "\n").map { $0.split(separator: ": ").last ?? "" } == [
        "nothing of the binary change is left; put it in, or give --allow-lost one:b.bin:binary [lost-hunk]",
        "nothing of the binary change is left; put it in, or give --allow-lost one:c.bin:binary [lost-hunk]",
      ])
    let one = try world.kerb("continue", "--allow-lost", "one:b.bin:binary")
    #expect(one.status == 3)
    #expect(!one.text.contains("b.bin") && one.text.contains("c.bin"))
    let both = try world.kerb(
      "continue", "--allow-lost", "one:b.bin:binary", "--allow-lost", "one:c.bin:binary")
    #expect(both.status == 0)
    #expect(!world.patch.contains("binary") && world.patch.contains("b/new"))
  }

  @Test func aFileThatThePersonHasChangedIsNotTakenOver() throws {
    let world = try binary()
    try world.run("cd work/src/master/demo && printf '\\0third' > b.bin")
    let refused = try world.kerb("resolve", "--take", "theirs", "b.bin")
    #expect(refused.status == 1)
    #expect(try world.run("cd work/src/master/demo && tr -d '\\0' < b.bin") == "third")
  }

  @Test func aRenameThatBothSidesMakeIsSettledForAllThreeNames() throws {
    let world = try ConflictWorld(
      base: Self.lines, ours: "git mv a b", theirs: "git mv a c; seq 3 > new")
    #expect(try world.rebase().status == 3)
    _ = try world.kerb("resolve", "--take", "ours")
    #expect(try world.kerb("continue").text.contains("--allow-lost one:c:rename"))
    #expect(try world.kerb("abort").status == 0)
    #expect(try world.rebase().status == 3)
    #expect(try world.kerb("resolve", "--take", "theirs").status == 0)
    #expect(try world.kerb("continue").status == 0)
    #expect(world.patch.contains("rename from b\nrename to c\n"))
  }

  @Test(arguments: [
    ("chmod +x a; seq 3 > new", "git rm -q a", "one:a:mode"),
    ("git mv a c; seq 3 > new", "git rm -q a", "one:c:rename"),
    ("git rm -q a; seq 3 > new", "sed -i s/101/x/ a", "one:a:deletion"),
    ("sed -i s/105/x/ a; seq 3 > new", "git rm -q a", "one:a:1"),
  ])
  func whatGoesWithUpstreamsSideIsNamed(theirs: String, ours: String, name: String) throws {
    let world = try ConflictWorld(base: Self.lines, ours: ours, theirs: theirs)
    #expect(try world.rebase().status == 3)
    #expect(try world.kerb("resolve", "--take", "ours").status == 0)
    let refused = try world.kerb("continue")
    #expect(refused.status == 3)
    #expect(refused.text.contains("--allow-lost \(name) [lost-hunk]"))
    #expect(try world.kerb("continue", "--allow-lost", name).status == 0)
    #expect(world.patch.contains("b/new"))
  }

  @Test func aHunkThatWasPutIntoAnotherFileIsNotLost() throws {
    let world = try ConflictWorld(
      base: Self.lines, ours: "git rm -q a; seq 200 220 > other", theirs: "sed -i s/105/fifth/ a")
    #expect(try world.rebase().status == 3)
    try world.run(
      "cd work/src/master/demo && git rm -q --cached a && rm a && sed -i s/205/fifth/ other")
    #expect(try world.kerb("continue").status == 0)
    #expect(world.patch.contains("+fifth"))
  }

  @Test func aTextIsSettledWithoutGitAddAndNotByRemovingItOnly() throws {
    let world = try ConflictWorld(
      base: Self.lines, ours: "sed -i s/101/x/ a", theirs: "sed -i s/101/y/ a")
    #expect(try world.rebase().status == 3)
    try world.run("cd work/src/master/demo && mv a ../../../../a")
    #expect(try world.kerb("continue").text.contains("[open-conflict]"))
    try world.run("cd work/src/master/demo && sed '/^<<<<<<</,/^>>>>>>>/c x y' ../../../../a > a")
    #expect(try world.kerb("continue").status == 0)
    #expect(world.patch.contains("-x\n+x y\n"))
  }

  @Test(arguments: ["abort", "skip"])
  func aNameThatNoPatchMayHaveStaysWhereItIs(verb: String) throws {
    let world = try ConflictWorld(
      base: Self.lines, ours: "sed -i s/101/x/ a", theirs: "sed -i s/101/y/ a")
    #expect(try world.rebase().status == 3)
    try world.run(
      "cd work/src/master/demo && echo mine > 'a\\b.txt' && git add . && echo more >> keep")
    #expect(try world.kerb(verb).status == 0)
    #expect(try world.run("cat 'work/src/master/demo/a\\b.txt'") == "mine")
  }

  @Test func aFileThatIsInTheWayOfTheOldTreeIsKeptByAbort() throws {
    let world = try ConflictWorld(
      base: "\(Self.lines); seq 5 > gone", ours: "sed -i s/101/x/ a; git rm -q gone",
      theirs: "sed -i s/101/y/ a")
    #expect(try world.rebase().status == 3)
    try world.run("echo mine > work/src/master/demo/gone")
    let outcome = try world.kerb("abort")
    #expect(outcome.status == 0)
    let commit = try #require(outcome.text.split(separator: " ").last)
    #expect(try git(["show", "\(commit):gone"], in: world.tree) == "mine")
    #expect(try world.run("cat work/src/master/demo/gone") == "1\n2\n3\n4\n5")
  }

  @Test func aFileThatIsInTheWayOfTheNextTreeIsNamedBeforeAnythingIsWritten() throws {
    let world = try ConflictWorld(
      base: Self.lines, ours: "sed -i s/101/x/ a", theirs: "sed -i s/101/y/ a")
    try world.run(
      "cd dev && seq 7 > later && git add . && git commit -qm two && git format-patch -q -1 "
        + "--zero-commit --full-index --no-signature --no-stat --stdout > ../work/patches/demo/two.patch "
        + "&& echo demo/two.patch >> ../work/series/master")
    #expect(try world.rebase().status == 3)
    try world.run(
      "cd work/src/master/demo && sed -i '/^<<<<<<</,/^>>>>>>>/c x y' a && echo mine > later")
    let refused = try world.kerb("continue")
    #expect(refused.status == 1)
    #expect(refused.errors.contains("later"))
    try world.run("cd work/src/master/demo && rm later")
    #expect(try world.kerb("continue").status == 0)
  }

  @Test func aPatchOfWhichAResolverLeavesNothingHasNotLanded() throws {
    let world = try ConflictWorld(
      base: Self.lines, ours: "git rm -q a", theirs: "sed -i s/105/x/ a")
    let outcome = try world.rebase("--resolve", "eager")
    #expect(outcome.status == 3)
    #expect(!(world.folder.read("work/series/master") ?? "").contains("landed"))
    #expect(try world.kerb("abort").status == 0)
    let other = try ConflictWorld(
      base: Self.lines, ours: "git rm -q a", theirs: "sed -i s/105/x/ a; seq 3 > new")
    #expect(try other.rebase("--resolve", "eager").status == 0)
    #expect(other.patch.contains("b/new"))
  }

  @Test func refreshNamesWhatIsLostBesidesLines() throws {
    let world = try ConflictWorld(
      base: #"seq 9 > t; seq 9 > m; seq 20 > r; printf '\0o' > b"#, ours: "true; echo more >> keep",
      theirs: #"git mv r s; chmod +x m; printf '\0n' > b; : > empty; echo 10 >> t"#)
    #expect(try world.kerb("apply", "demo").status == 0)
    try world.run(
      "cd work/src/master/demo && git mv s r && chmod -x m && printf '\\0o' > b && git rm -q empty && git add -A"
    )
    let refused = try world.kerb("refresh", "master/demo")
    #expect(refused.status == 1)
    let names = refused.text.matches(of: #/--allow-lost (\S+)/#).map { String($0.1) }
    #expect(Set(names) == ["one:s:rename", "one:m:mode", "one:b:binary", "one:empty:creation"])
    let allowed = names.flatMap { ["--allow-lost", $0] }
    #expect(try kerb(["refresh", "master/demo"] + allowed, in: world.work).status == 0)
    #expect(!world.patch.contains("rename") && world.patch.contains("+10"))
  }
}
