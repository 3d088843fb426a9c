import Foundation
import Testing

@testable import Reports

/// Nothing from a patch acts in the medium that it is shown in.
@Suite struct EscapingTests {
  @Test(
    arguments: [
      ("\u{1b}[31mred", "\\u{1b}[31mred"), ("a\u{202e}b", "a\\u{202e}b"),
      ("a\rb\nc", "a\\u{d}b\\u{a}c"),
      ("plain ä 世 🙂", "plain ä 世 🙂"), ("\u{200b}", "\\u{200b}"), ("\u{0}", "\\u{0}"),
    ])
  func whatActsOnATerminalIsShownByItsNumber(text: String, shown: String) {
    #expect(terminalSafe(text) == shown)
  }

  @Test(
    arguments: [
      ("::set-output name=x::y", "\\u{3a}:set-output name=x::y"),
      ("  ::error::y", "  \\u{3a}:error::y"), ("##[error]y", "#\\u{23}[error]y"),
      ("a ##[add-mask]y", "a #\\u{23}[add-mask]y"), ("##vso[task.x]", "#\\u{23}vso[task.x]"),
      ("##teamcity[x]", "#\\u{23}teamcity[x]"), ("###[x]", "##\\u{23}[x]"),
    ])
  func commandsToARunnerAreBrokenUp(text: String, shown: String) {
    #expect(terminalSafe(text) == shown)
  }

  @Test(arguments: [
    "::", "std::vector<a::b>", "a ::b::", "## Title [x]", "C#", "::after { }", "#[x]",
  ])
  func whatOnlyLooksLikeOneStays(text: String) {
    #expect(terminalSafe(text) == text)
  }

  @Test func jsonMeansTheSameAndDoesNotAct() throws {
    let values = ["a\u{202e}b\u{7f}c", "##[error]", "ä 世 🙂", "\u{e0041}", "###"]
    let text = json(values, pretty: false)
    #expect(
      text == ##"["a\u202eb\u007fc","#\u0023[error]","ä 世 🙂","\udb40\udc41","#\u0023\u0023"]"##)
    #expect(try JSONDecoder().decode([String].self, from: Data(text.utf8)) == values)
  }

  @Test func linesOfFilesKeepTheirTabs() {
    #expect(terminalSafe(keepingTabs: Array("\ta\u{7}\tb\n".utf8)[...]) == "\ta\\u{7}\tb")
    let command = Array("::warning file=\tx::boom\n".utf8)
    #expect(terminalSafe(keepingTabs: command[...]) == "\\u{3a}:warning file=\tx::boom")
  }

  @Test func aRunnersMessageAndPropertyHoldNoCommand() {
    #expect(runnerData("100%0A\n::x") == "100%250A\\u{a}::x")
    #expect(runnerProperty("a:b,c%\r") == "a%3Ab%2Cc%25\\u{d}")
  }

  @Test func markupIsEscapedInXML() {
    #expect(xmlSafe("<a b='\"'>&\u{8}]]>") == "&lt;a b=&#39;&quot;&#39;&gt;&amp;\\u{8}]]&gt;")
  }

  @Test func whatXMLCannotHoldIsShownByItsNumber() {
    #expect(xmlSafe("a\u{fffe}b\u{ffff}") == "a\\u{fffe}b\\u{ffff}")
  }

  @Test func aPathIsARelativeURI() {
    #expect(uriPath("patches/a b/ä%41#?.patch") == "patches/a%20b/%C3%A4%2541%23%3F.patch")
    #expect(uriPath("a-b_c.d~e/1") == "a-b_c.d~e/1")
  }

  @Test func nothingIsMarkupInATableOfMarkdown() {
    #expect(
      markdownCode("<b>|*x*|`~&amp;@you #1")
        == "<code>\\<b\\>\\|\\*x\\*\\|\\`\\~&amp;amp;@you \\#1</code>")
    #expect(markdownCode("") == "")
  }
}
