import Claims
import Patches
import Testing

@Suite struct MicroversionClaimTests {
  private func patch(_ lines: String...) throws -> Patch {
    let olds = lines.count { !$0.hasPrefix("+") }
    let news = lines.count { !$0.hasPrefix("-") }
    let text = """
      diff --git a/nova/api/v.py b/nova/api/v.py
      --- a/nova/api/v.py
      +++ b/nova/api/v.py
      @@ -10,\(olds) +10,\(news) @@
      \(lines.joined(separator: "\n"))

      """
    return try Patch(parsing: Array(text.utf8), name: "p")
  }

  @Test func aRaisedMaximumIsAClaim() throws {
    let claim = MicroversionClaim(
      in: try patch(" #", "-_MAX_API_VERSION = '2.96'", "+_MAX_API_VERSION = \"2.97\""))
    #expect(claim?.upstream == "2.96")
    #expect(claim?.claimed == "2.97")
    #expect(claim?.line == 4)
  }

  @Test func aMaximumInContextOrElsewhereIsNone() throws {
    #expect(MicroversionClaim(in: try patch(" _MAX_API_VERSION = '2.96'", "+x")) == nil)
    #expect(MicroversionClaim(in: try patch("-A = '2.96'", "+A = '2.97'")) == nil)
    #expect(
      MicroversionClaim(
        in: try patch("-_MAX_API_VERSION = '2.96'", "+_MAX_API_VERSION = \"2.96\"")) == nil)
  }
}
