import Foundation
import PatchEngine
import Patches

/// What a report says about every stack, small enough to be kept in the page, so that the next report
/// can tell what has changed.
public struct ReportState: Codable, Hashable, Sendable {
  struct Stack: Codable, Hashable, Sendable {
    /// `sdist:29.4.0`; nil for a stack that is not locked.
    var upstream: String?
    /// Each patch's outcome by its name; `not tried` where there is none.
    var patches: [String: String]
  }

  private(set) var version = 1
  private(set) var stacks: [String: Stack] = [:]
  /// What had changed when the state was last another one, a line each.
  private(set) var changes: [String] = []

  /// The longest page in which a state is looked for, in bytes.
  public static let maximumPage = 256 << 20
  /// The longest state that is read, in bytes: 16 MiB.
  static let longestState = 16 << 20
  /// The most changes that are told.
  static let mostChanges = 1_000

  /// The state that verdicts come to.
  ///
  /// - Parameter previous: that of the last report; where nothing has changed since, its changes are
  ///   told again, so that the same stacks give the same page.
  public init(_ verdicts: [StackVerdict], since previous: ReportState?) {
    for verdict in verdicts where !verdict.patches.isEmpty {
      let outcomes = verdict.patches.enumerated().map { index, file in
        let step = verdict.state == .tried ? verdict.steps[index].outcome.rawValue : nil
        return (patchName(file), step?.replacing("_", with: " ") ?? "not tried")
      }
      stacks["\(verdict.stack)"] = Stack(
        upstream: verdict.upstream.map { "\($0.source)" },
        patches: Dictionary(outcomes) { first, _ in first })
    }
    guard let previous else { return }
    let all =
      previous.stacks == stacks ? previous.changes : Self.changes(previous.stacks, stacks)
    changes = Array(all.prefix(Self.mostChanges))
    if all.count > Self.mostChanges {
      changes[Self.mostChanges - 1] = "and \(all.count - Self.mostChanges + 1) more"
    }
  }

  private static func changes(_ old: [String: Stack], _ new: [String: Stack]) -> [String] {
    Set(old.keys).union(new.keys).sorted().flatMap { name -> [String] in
      guard let before = old[name] else { return ["\(name): new"] }
      guard let after = new[name] else { return ["\(name): gone"] }
      var lines: [String] = []
      if before.upstream != after.upstream {
        lines.append(
          "\(name): from \(before.upstream ?? "nothing") to \(after.upstream ?? "nothing")")
      }
      for patch in Set(before.patches.keys).union(after.patches.keys).sorted() {
        switch (before.patches[patch], after.patches[patch]) {
        case (nil, let outcome?): lines.append("\(name): \(patch) is new: \(outcome)")
        case (_?, nil): lines.append("\(name): \(patch) is gone")
        case (let one?, let two?) where one != two:
          lines.append("\(name): \(patch) was \(one), is \(two)")
        default: break
        }
      }
      return lines
    }
  }

  private static let opening = "<script type=\"application/json\" id=\"kerb-report\">"
  private static let closing = "</script>"

  /// The state as an element of a page, which no browser runs or shows.
  var element: String {
    // In a page only `<` could end the element.
    Self.opening + json(self, pretty: false).replacing("<", with: "\\u003c") + Self.closing
  }

  /// The state that a page holds; nil where it holds none that this kerb knows.
  public init?(page: [UInt8]) {
    guard let start = page.firstRange(of: Self.opening.utf8) else { return nil }
    // The element of a page ends at the first `<`.
    let state = page[start.upperBound...].prefix(Self.longestState + 1)
    guard let end = state.firstIndex(of: UInt8(ascii: "<")),
      page[end...].starts(with: Self.closing.utf8)
    else { return nil }
    let data = Data(state[..<end])
    let decoder = JSONDecoder()
    guard let state = try? decoder.decode(ReportState.self, from: data), state.version == 1 else {
      return nil
    }
    self = state
  }
}

/// `require-secure` of `patches/nova/require-secure@2024.1.patch`.
func patchName(_ file: String) -> String {
  let name = file.split(separator: "/").last ?? ""
  let stem = name.hasSuffix(".patch") ? name.dropLast(".patch".count) : name
  return String(stem.prefix { $0 != "@" })
}
