import Foundation
import Testing

@testable import Workspace

/// The state of a run that stands still, as somebody else may have made it.
@Suite struct StoppedStateTests {
  private static let id = "0123456789abcdef0123456789abcdef01234567"

  private func state(_ patch: [String: Any] = [:], _ changes: [String: Any] = [:]) throws
    -> StoppedMove?
  {
    var done: [String: Any] = [
      "file": "patches/nova/a.patch", "outcome": "moved", "commit": Self.id,
      "resolvers": [String](), "renamed": [["a", "b"]], "stale": [["a", "word"]],
    ]
    done.merge(patch) { $1 }
    var state: [String: Any] = [
      "stack": "master/nova", "source": "master/nova", "onto": "",
      "files": ["patches/nova/a.patch", "patches/nova/b.patch"], "digests": [Self.id, Self.id],
      "done": [done], "resolvers": ["sure"], "marked": Self.id, "renumbered": [["2.96", "2.97"]],
      "open": [["path": "a.py", "reason": "conflict"]],
    ]
    state.merge(changes) { $1 }
    return StoppedMove(parsing: Array(try JSONSerialization.data(withJSONObject: state)))
  }

  @Test func oneThatKerbWritesIsRead() throws {
    let read = try #require(try state())
    #expect(read.patch == 1)
    #expect(StoppedMove(parsing: read.encoded)?.encoded == read.encoded)
  }

  @Test func listsThatAreShorterThanKerbMakesThemAreRefused() throws {
    for pairs in [[[]], [["a"]], [["a", "b", "c"]]] {
      #expect(try state(["renamed": pairs]) == nil)
      #expect(try state([:], ["renumbered": pairs]) == nil)
    }
    #expect(try state(["stale": [[String]()]]) == nil)
    #expect(try state(["commit": "HEAD"]) == nil)
    #expect(try state(["file": "../x"]) == nil)
  }
}
