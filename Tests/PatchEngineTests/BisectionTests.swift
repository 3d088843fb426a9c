import PatchEngine
import Testing

/// The search by halves, over all small rows.
@Suite struct BisectionTests {
  /// Searches a row of `count` steps of which all from `firstBad` on are bad.
  private func search(_ count: Int, firstBad: Int) -> Bisection {
    var search = Bisection(count: count)
    while let next = search.next { search.note(isBad: next >= firstBad) }
    return search
  }

  @Test func theFirstBadStepIsFoundWhereverItIs() {
    for count in 1...70 {
      for firstBad in 0..<count {
        #expect(search(count, firstBad: firstBad).firstBad == firstBad, "\(count) \(firstBad)")
      }
    }
  }

  @Test func noSearchTakesMoreProbesThanItSaidAtFirst() {
    for count in 1...300 {
      let most = Bisection(count: count).probesLeft
      #expect(1 << most >= count && (count == 1 || 1 << (most - 1) < count))
      let longest = (0..<count).map { search(count, firstBad: $0).probes }.max()
      #expect(longest == most, "\(count)")
    }
  }

  @Test func whatIsFoundIsBadAndFollowsAGoodStepEvenIfGoodAndBadAlternate() {
    for pattern in 0..<(1 << 10) {
      let isBad = (0..<11).map { $0 == 10 || pattern >> $0 & 1 == 1 }
      var search = Bisection(count: isBad.count)
      while let next = search.next { search.note(isBad: isBad[next]) }
      let found = search.firstBad!
      #expect(isBad[found] && (found == 0 || !isBad[found - 1]), "\(isBad)")
    }
  }

  @Test func aSearchThatIsNotOverHasNoResult() {
    #expect(Bisection(count: 2).firstBad == nil)
  }
}
