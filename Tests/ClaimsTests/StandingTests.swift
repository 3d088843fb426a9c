import Patches
import Testing

@testable import Claims

@Suite struct StandingTests {
  private let base = [("2.94", "a"), ("2.95", "x")]

  private func standings(
    _ patches: [Patch], on target: [(String, String)],
    isKnown: @escaping (Claim, CounterEntry) -> Bool = { _, _ in false }
  ) throws -> [String] {
    let before = try SmallNova.upstream(base)
    let verdict = CounterVerdict(
      StackClaims(.microversion, of: patches, base: before), base: before,
      target: try SmallNova.upstream(target), isKnown: isKnown)
    return verdict.claims.map { judged in
      switch judged.standing {
      case .landed(let entry): "landed as \(entry.value)"
      case .collision(let entry): "collision with \(text(entry.fingerprint))"
      case .gap(let next): "gap, next \(next.map { "\($0)" } ?? "")"
      case .behind(let value): "behind \(value)"
      case .free: "free"
      }
    }
  }

  private func consoles(_ number: String, after last: String = "2.95") throws -> Patch {
    try SmallNova.claim(
      number, after: last, text: "Add the ``spice-direct`` console type to ``POST``, with a port")
  }

  @Test func theNextNumberIsFree() throws {
    #expect(try standings([try consoles("2.96")], on: base) == ["free"])
    #expect(
      try standings([try consoles("2.96"), try consoles("2.97", after: "2.96")], on: base) == [
        "free", "free",
      ])
  }

  @Test func aNumberThatUpstreamGaveToSomethingElseCollides() throws {
    let target = base + [("2.96", "Add pinned availability zones")]
    #expect(
      try standings([try consoles("2.96")], on: target) == [
        "collision with Add pinned availability zones"
      ])
  }

  @Test func theSameTextUnderAnotherNumberHasLanded() throws {
    let target =
      base + [("2.96", "zones"), ("2.97", "Add the spice-direct console type to the protocol.")]
    #expect(try standings([try consoles("2.96")], on: target) == ["landed as 2.97"])
  }

  @Test func whatUpstreamHadBeforeTheStackIsNoLanding() throws {
    let before = try SmallNova.upstream([("2.95", "Add the spice-direct console type")])
    let claims = StackClaims(.microversion, of: [try consoles("2.96")], base: before)
    let target = try SmallNova.upstream([
      ("2.95", "Add the spice-direct console type"), ("2.96", "zones"),
    ])
    let verdict = CounterVerdict(claims, base: before, target: target)
    #expect(verdict.claims[0].standing.name == "collision")
  }

  @Test func aCommitThatThePatchNamesIsTheSame() throws {
    let target = base + [("2.96", "zones"), ("2.97", "something in other words")]
    let known = try standings([try consoles("2.96")], on: target) { _, entry in
      "\(entry.value)" == "2.97"
    }
    #expect(known == ["landed as 2.97"])
  }

  @Test func aNumberAboveTheNextIsAGap() throws {
    #expect(try standings([try consoles("2.98")], on: base) == ["gap, next 2.96"])
  }

  @Test func aNumberThatUpstreamHasNoTextForIsBehind() throws {
    #expect(
      try standings([try consoles("2.96")], on: [("2.95", "x"), ("2.97", "y")]) == ["behind 2.97"])
  }

  @Test func aTreeWithoutTheFileIsSaid() throws {
    let before = try SmallNova.upstream(base)
    let verdict = CounterVerdict(
      StackClaims(.microversion, of: [try consoles("2.96")], base: before), base: before,
      target: UpstreamCounter(.microversion, entries: []))
    #expect(verdict.isMissing)
    #expect(!verdict.isGood)
    #expect(verdict.claims.isEmpty)
  }

  @Test func aTreeThatContradictsItselfIsSaid() throws {
    #expect(try SmallNova.upstream(base).inconsistencies == [])
    #expect(
      try SmallNova.upstream(base + [("2.96", "a"), ("2.96", "b")]).inconsistencies == [
        "nova/api/openstack/api_version_request.py: API microversion 2.96 stands there 2 times"
      ])
    let path = try RepoPath(SmallNova.versionFile)
    let behind = SmallNova.versions(base).replacing("'2.95'", with: "'2.94'")
    let read = UpstreamCounter(
      .microversion, entries: Counter.microversion.entries(in: path) { Array(behind.utf8) })
    #expect(
      read.inconsistencies == [
        "the newest API microversion is not the same everywhere: constant 2.94, history entry 2.95"
      ])
  }

  @Test func numbersAreComparedAsNumbers() {
    #expect(CounterValue("2.100") > CounterValue("2.99"))
    #expect(CounterValue("2.99").next == CounterValue("2.100"))
    #expect(CounterValue("2.100").previous == CounterValue("2.99"))
    #expect(CounterValue("2.0").previous == nil)
    #expect(CounterValue("99999999999.1").numbers == nil)
  }
}

@Suite struct OtherOrderTests {
  private func entry(
    _ value: String, _ identity: String = "", _ fingerprint: String? = nil
  ) throws -> CounterEntry {
    CounterEntry(
      value: CounterValue(value), identity: Array(identity.utf8),
      fingerprint: fingerprint.map { Array($0.utf8) }, reading: 0, path: try RepoPath("f"),
      line: nil)
  }

  private func standing(
    _ counter: Counter, _ claimed: [CounterEntry], base: [CounterEntry], target: [CounterEntry],
    limits: [[UInt8]: CounterValue] = [:]
  ) -> [String] {
    let claims = StackClaims(
      counter: counter,
      claims: claimed.map {
        Claim(
          value: $0.value, identity: $0.identity, evidence: [Claim.Evidence(patch: 0, entry: $0)])
      })
    return CounterVerdict(
      claims, base: UpstreamCounter(counter, entries: base),
      target: UpstreamCounter(counter, entries: target), limits: limits
    ).claims.map(\.standing.name)
  }

  @Test func aValueHasOneOwner() throws {
    let before = [try entry("42400", "a-user")]
    let own = [try entry("42493", "kerbside-user")]
    #expect(standing(.users, own, base: before, target: before) == ["free"])
    #expect(
      standing(.users, own, base: before, target: before + [try entry("42493", "zun-user")]) == [
        "collision"
      ])
    #expect(
      standing(.users, own, base: before, target: before + [try entry("42495", "kerbside-user")])
        == ["landed"])
  }

  @Test func aNameIsTakenWhoeverTakesIt() throws {
    let before = [try entry("base")]
    let own = [try entry("kerbside-api")]
    #expect(standing(.images, own, base: before, target: before) == ["free"])
    #expect(standing(.images, own, base: before, target: before + own) == ["collision"])
  }

  @Test func aChainHasOneEnd() throws {
    let before = [try entry("aa", "main"), try entry("bb", "main", "aa")]
    let own = [try entry("cc", "main", "bb")]
    #expect(standing(.migrations, own, base: before, target: before) == ["free"])
    #expect(
      standing(.migrations, own, base: before, target: before + [try entry("dd", "main", "bb")])
        == ["behind"])
    #expect(
      standing(.migrations, own, base: before, target: before + [try entry("cc", "main", "bb")])
        == ["landed"])
    // The dangerous one: the same revision, after another.
    #expect(
      standing(
        .migrations, own, base: before,
        target: before + [try entry("dd", "main", "bb"), try entry("cc", "main", "dd")])
        == ["collision"])
    #expect(standing(.migrations, own, base: before, target: [before[0]]) == ["gap"])
  }

  @Test func aChainOfOnesOwnIsOne() throws {
    let before = [try entry("aa", "main")]
    let own = [try entry("bb", "main", "aa"), try entry("cc", "main", "bb")]
    #expect(standing(.migrations, own, base: before, target: before) == ["free", "free"])
    let fork = [try entry("bb", "main", "aa"), try entry("cc", "main", "aa")]
    #expect(standing(.migrations, fork, base: before, target: before) == ["free", "behind"])
  }

  @Test func anObjectIsTheSameByItsHash() throws {
    let before = [try entry("1.38", "Props", "aaaa")]
    let own = [try entry("1.39", "Props", "bbbb")]
    #expect(standing(.objects, own, base: before, target: before) == ["free"])
    #expect(
      standing(.objects, own, base: before, target: [try entry("1.39", "Props", "bbbb")]) == [
        "landed"
      ])
    #expect(
      standing(.objects, own, base: before, target: [try entry("1.39", "Props", "cccc")]) == [
        "collision"
      ])
    #expect(
      standing(.objects, own, base: before, target: [try entry("1.41", "Props", "dddd")]) == [
        "behind"
      ])
    #expect(
      standing(.objects, [try entry("1.0", "New", "e")], base: before, target: before) == ["free"])
  }

  @Test func aNewMajorVersionFollowsToo() throws {
    let before = [try entry("6.4", "compute")]
    #expect(standing(.rpc, [try entry("7.0", "compute")], base: before, target: before) == ["free"])
    #expect(standing(.rpc, [try entry("6.6", "compute")], base: before, target: before) == ["gap"])
  }

  @Test func aLibraryMayNotBeNewerThanWhatAReleaseIsTestedWith() throws {
    let limits = libraryLimits(Array("# x\nos-traits==3.0.0\nOslo.Config==9.4.1\n".utf8))
    let before = [try entry("2.9.0", "os-traits")]
    func standing(_ value: String) throws -> [String] {
      self.standing(
        .floors, [try entry(value, "os_traits")], base: before, target: before, limits: limits)
    }
    #expect(try standing("3.0.0") == ["free"])
    #expect(try standing("3.4.0") == ["gap"])
    #expect(limits[Array("oslo-config".utf8)] == CounterValue("9.4.1"))
  }
}
