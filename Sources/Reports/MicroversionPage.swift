import Claims
import PatchEngine
import Patches

/// The parts of the page about microversions that are made, and not written: they stand between
/// `<!-- kerb NAME -->` and `<!-- end -->`.
public struct MicroversionPage {
  /// A stack on its own tree, and on those of later releases.
  public struct Row: Sendable {
    public let own: StackCounters
    public let later: [(release: Release, counters: StackCounters)]

    public init(own: StackCounters, later: [(release: Release, counters: StackCounters)]) {
      self.own = own
      self.later = later
    }
  }

  /// The parts by name.
  public let parts: [String: String]

  /// - Parameter history: when upstream gave out numbers; nil leaves that part as it is.
  public init(_ rows: [Row], history: [Consumption]?) {
    var parts = ["releases": Self.releases(rows), "counters": Self.counters(rows)]
    if let history { parts["history"] = Self.history(history) }
    self.parts = parts
  }

  /// A page with its parts made anew.
  ///
  /// - Returns: nil where the page lacks one of them.
  public func applied(to page: String) -> String? {
    var result = page
    for (name, text) in parts {
      guard let start = result.firstRange(of: "<!-- kerb \(name) -->\n"),
        let end = result[start.upperBound...].firstRange(of: "<!-- end -->")
      else { return nil }
      result.replaceSubrange(start.upperBound..<end.lowerBound, with: text)
    }
    return result
  }

  private static func releases(_ rows: [Row]) -> String {
    var text = """
      | stack | upstream | maximum | next | claimed | there | on later releases |
      | --- | --- | --- | --- | --- | --- | --- |

      """
    for row in rows {
      guard let verdict = row.own.counters.first(where: \.counter.isMicroversion) else { continue }
      let most = verdict.upstream.maximum(of: [])
      let claimed = verdict.claims.map { "\($0.claim.value)" }.joined(separator: ", ")
      let there = verdict.claims.map(\.standing.name).joined(separator: ", ")
      let later = row.later.compactMap { release, counters -> String? in
        guard let found = counters.counters.first(where: \.counter.isMicroversion) else {
          return nil
        }
        let words = found.claims.map { phrase($0.standing) }.joined(separator: ", ")
        return words.isEmpty ? nil : "\(release): \(words)"
      }
      let cells = [
        "\(row.own.stack)", row.own.target?.name ?? "", most.map { "\($0)" } ?? "none",
        most?.next.map { "\($0)" } ?? "", claimed.isEmpty ? "none" : claimed, there,
        later.joined(separator: "; "),
      ]
      text += "| \(cells.map(markdownSafe).joined(separator: " | ")) |\n"
    }
    return text
  }

  private static func phrase(_ standing: Standing) -> String {
    switch standing {
    case .landed(let entry): return "landed as \(entry.value)"
    case .collision(let entry):
      let words = String(decoding: entry.fingerprint ?? [], as: UTF8.self).split(separator: " ")
      let text = words.prefix(8).joined(separator: " ").replacing("``", with: "")
      return "collision (\(text)\(words.count > 8 ? " …" : ""))"
    case .free, .gap, .behind: return standing.name
    }
  }

  /// What stacks claim of the other counters; ids of release notes, which are many, as a number.
  private static func counters(_ rows: [Row]) -> String {
    var found: [String: (title: String, stacks: [String], standing: String)] = [:]
    var order: [String] = []
    var notes = 0
    for row in rows {
      for verdict in row.own.counters where !verdict.counter.isMicroversion {
        for judged in verdict.claims {
          if verdict.counter.name == "release-note" {
            notes += 1
            continue
          }
          let what = verdict.counter.phrase(judged.claim.identity, judged.claim.value)
          let key = "\(verdict.counter.title) \(what) \(judged.standing.name)"
          if found[key] == nil { order.append(key) }
          found[key, default: ("\(verdict.counter.title) \(what)", [], judged.standing.name)].stacks
            .append("\(row.own.stack)")
        }
      }
    }
    var text = "| claimed | by | there |\n| --- | --- | --- |\n"
    for key in order {
      guard let claim = found[key] else { continue }
      let cells = [claim.title, claim.stacks.joined(separator: ", "), claim.standing]
      text += "| \(cells.map(markdownSafe).joined(separator: " | ")) |\n"
    }
    return text + "\nAnd \(counted(notes, "id", "ids")) of release notes.\n"
  }

  private static func history(_ history: [Consumption]) -> String {
    var text = """
      | number | merged | first release | commit | |
      | --- | --- | --- | --- | --- |

      """
    for taken in history {
      let cells = [
        "\(taken.value)", taken.mergedAt.day, taken.release ?? "none so far", taken.commit.short,
        String(decoding: taken.subject, as: UTF8.self),
      ]
      text += "| \(cells.map(markdownSafe).joined(separator: " | ")) |\n"
    }
    return text
  }
}
