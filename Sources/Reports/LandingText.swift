import PatchEngine
import Patches

/// Landings as lines for a terminal: findings first, then a line a stack and a line a patch.
public struct LandingText {
  private let painter: Painter

  public init(_ painter: Painter) {
    self.painter = painter
  }

  /// The lines, safe to print.
  public func lines(_ all: [StackLandings]) -> [String] {
    var lines = all.flatMap { $0.diagnostics + $0.findings }.map { terminalSafe("\($0)") }
    for stack in all where stack.state != .empty {
      lines += self.lines(stack)
    }
    return lines
  }

  private func lines(_ stack: StackLandings) -> [String] {
    switch stack.state {
    case .empty: return []
    case .notLocked:
      return [painter.bad("x \(stack.stack)  not locked; run 'kerb fetch --update \(stack.stack)'")]
    case .notFetched:
      return [painter.bad("x \(stack.stack)  not fetched; run 'kerb fetch \(stack.stack)'")]
    case .malformed: return [painter.bad("x \(stack.stack)  cannot be read, see above")]
    case .tried: break
    }
    var lines = ["\(stack.stack)  \(summary(stack))"]
    let width = stack.patches.map { name($0).count }.max() ?? 0
    for patch in stack.patches { lines += self.lines(patch, width: width) }
    lines.append(painter.faint("  \(searched(stack))"))
    return lines
  }

  private func summary(_ stack: StackLandings) -> String {
    let groups = Dictionary(grouping: stack.patches, by: \.extent)
    let parts = Landing.Extent.allCases.compactMap { extent in
      groups[extent].map { "\($0.count) \(word(extent))" }
    }
    let base = stack.upstream.map { "\($0.source)" } ?? ""
    let target = stack.target?.name ?? ""
    let place = base == target ? "on \(base)" : "from \(base) on \(terminalSafe(target))"
    return "\(counted(stack.patches.count, "patch", "patches")) \(place): "
      + parts.joined(separator: ", ")
  }

  private func word(_ extent: Landing.Extent) -> String {
    switch extent {
    case .whole: "landed"
    case .inPart: "in part"
    case .reworked: "reworked"
    case .not: "not landed"
    }
  }

  private func lines(_ patch: PatchLanding, width: Int) -> [String] {
    let extent = patch.extent
    let label = word(extent).padding(to: 10)
    let mark =
      switch extent {
      case .whole: painter.bad(label)
      case .inPart, .reworked: painter.notable(label)
      case .not: painter.faint(label)
      }
    var lines: [String] = []
    switch extent {
    case .not: lines.append("  \(mark)  \(terminalSafe(name(patch)))")
    case .whole, .inPart, .reworked:
      let share = "\(amount(patch.landing))"
      lines.append("  \(mark)  \(terminalSafe(name(patch).padding(to: width)))  \(share)")
    }
    if let commit = patch.commit {
      lines.append("      \(line(commit))")
    } else if let name = patch.named {
      lines.append(
        painter.faint("      \(name), which the patch names, is not in what was searched"))
    }
    if extent == .inPart || extent == .reworked {
      lines += patch.landing.files.map { "      \(terminalSafe("\($0.path)")): \(amount($0))" }
    }
    return lines
  }

  private func name(_ patch: PatchLanding) -> String {
    let name = patch.file.hasPrefix("patches/") ? String(patch.file.dropFirst(8)) : patch.file
    return name.hasSuffix(".patch") ? String(name.dropLast(6)) : name
  }

  private func amount(_ landing: Landing) -> String {
    amount(landing.parts, wanted: landing.wanted, found: landing.found)
  }

  private func amount(_ file: FileLanding) -> String {
    let lines = file.parts.flatMap(\.lines)
    let moved = file.followedTo.map { "now \(terminalSafe("\($0)")), " } ?? ""
    return moved
      + amount(file.parts, wanted: lines.count, found: lines.count(where: \.isFound))
  }

  private func amount(_ parts: [PartLanding], wanted: Int, found: Int) -> String {
    let there = parts.count(where: \.isThere)
    let hunks = "\(there) of \(counted(parts.count, "hunk", "hunks"))"
    guard wanted > 0 else { return hunks }
    return "\(hunks), \(found) of \(counted(wanted, "added line", "added lines"))"
  }

  private func line(_ commit: UpstreamCommit) -> String {
    let how = commit.evidence.map(\.rawValue).joined(separator: ", ")
    let release = commit.release.map { "first in \(terminalSafe($0))" } ?? "in no release"
    let taken = commit.revertedBy.map { ", reverted by \($0.short)" } ?? ""
    return "\(commit.id.short) \(commit.authored.day) \(terminalSafe(commit.subject))"
      + " (\(release)\(taken); by \(how))"
  }

  private func searched(_ stack: StackLandings) -> String {
    guard let searched = stack.searched else {
      let name = terminalSafe(stack.target?.name ?? "")
      return
        "by content only: no history of \(name) is at hand; name a clone that has it with --repo"
    }
    return "searched the messages of \(counted(searched.messages, "commit", "commits")) and the "
      + "changes of \(searched.changes) since \(terminalSafe(searched.since))"
  }
}
