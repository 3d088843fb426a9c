import Claims
import Foundation
import Patches
import TestSupport
import Testing

@testable import Workspace

/// A run that holds stacks against counters.
@Suite struct CounterRunTests {
  @Test func aStackIsReadOnceHoweverOftenItIsAskedAbout() throws {
    let world = try AuthorWorld()
    let stack = StackName(try #require(Release("2024.1")), "demo")
    var run = CounterRun(try world.open())
    let first = try run.counters(of: stack, CounterOptions(all: true))
    #expect(first.state == .tried)
    #expect(first.files == ["one", "two", "three"].map { "patches/demo/\($0).patch" })
    for name in ["patches", "series/2024.1"] {
      try FileManager.default.removeItem(atPath: "\(world.root)/\(name)")
    }
    for onto in [nil, "master"] {
      let options = CounterOptions(target: TargetChoice(onto: onto))
      let again = try run.counters(of: stack, options)
      #expect(again.state == .tried)
      #expect(again.files == first.files)
    }
    #expect(try run.serverClaims(stack.release) == [])
    var other = CounterRun(try world.open())
    #expect(try other.counters(of: stack).state == .empty)
  }
}
