import Patches
import TestSupport
import Testing

@testable import PatchEngine

/// What `apply` finds with an index is what trying every line finds.
@Suite struct PlacementLawTests {
  @Test(arguments: [PlacementPolicy.nearest, .unique], [2, 4, 12])
  func hunksGoWhereTryingEveryLineFindsThem(policy: PlacementPolicy, letters: Int) throws {
    var generator = SeededGenerator(seed: UInt64(letters))
    for _ in 0..<500 {
      let old = generator.lines(most: 24, letters: letters)
      let new = generator.edited(generator.edited(old, letters: letters), letters: letters)
      let context = Int.random(in: 0...3, using: &generator)
      let made = hunks(from: text(old), to: text(new), context: context)
      let other = generator.edited(generator.edited(old, letters: letters), letters: letters)
      let shuffled = Int.random(in: 0..<3, using: &generator) == 0
      let order = shuffled ? made.shuffled(using: &generator) : made
      #expect(Self.outcome(order, other, policy) == Self.plainOutcome(order, other, policy))
    }
  }

  @Test func manyHunksOfOneFileGoWhereTryingEveryLineFindsThem() throws {
    var generator = SeededGenerator(seed: 7)
    for size in [120, 200] {
      for _ in 0..<40 {
        let lines = (0..<size).map { _ in generator.below(5) }
        let old = lines.map { "\($0)\n" }.joined()
        let new = lines.enumerated().map { $0 % 6 == 3 ? "new \($0)\n" : "\($1)\n" }.joined()
        let made = hunks(from: text(old), to: text(new), context: 2)
        // Parts of the file in another order: hunks go above those that were placed before.
        let cut = generator.below(size)
        let moved = (lines[cut...] + lines[..<cut]).map { "\($0)\n" }.joined()
        for policy in [PlacementPolicy.nearest, .unique] {
          #expect(Self.outcome(made, moved, policy) == Self.plainOutcome(made, moved, policy))
        }
      }
    }
  }

  @Test func everyPlaceIsFoundByWalkingAndInTheIndex() {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<500 {
      let content = generator.lines(most: 30, letters: 2)
      let wanted = text(generator.lines(most: 4, letters: 2))
      let source = wanted.bytes
      let ranges = wanted.lines.map { Int($0.start)..<Int($0.start + $0.count) }
      let contents = text(content)
      let expected = contents.lines.indices.filter { start in
        start + ranges.count <= contents.lines.count
          && contents.matches(ranges, of: source, at: start)
      }
      var occurrences = LineOccurrences(contents)
      for _ in 0...LineOccurrences.mostWalks {
        #expect(
          occurrences.places(of: ranges, in: source) == (ranges.isEmpty ? [] : expected))
      }
    }
  }

  private static func outcome(
    _ hunks: [Hunk], _ string: String, _ policy: PlacementPolicy
  ) -> String {
    do throws(Rejection) {
      let result = try apply(hunks, to: text(string), policy: policy)
      return "\(result.placements.map(\.line)) \(result.text.bytes.text)"
    } catch {
      return "\(error.reason)"
    }
  }

  private static func plainOutcome(
    _ hunks: [Hunk], _ string: String, _ policy: PlacementPolicy
  ) -> String {
    do throws(Rejection.Reason) {
      let result = try PlainPlacing.apply(hunks, to: text(string), policy: policy)
      return "\(result.lines) \(result.bytes.text)"
    } catch {
      return "\(error)"
    }
  }
}
