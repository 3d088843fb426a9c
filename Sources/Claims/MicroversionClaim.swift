import Patches

/// The Nova API microversion that a patch takes: it raises `_MAX_API_VERSION`, the one constant that
/// every bump of upstream has changed too.
public struct MicroversionClaim: Hashable, Sendable {
  /// The maximum of the tree that the patch is for.
  public let upstream: String
  /// The maximum after the patch.
  public let claimed: String
  /// The line of the claim's hunk in the patch file, counted from 1.
  public let line: Int

  /// The claim of a patch; nil where it makes none.
  public init?(in patch: Patch) {
    for file in patch.files {
      guard case .hunks(let hunks) = file.content else { continue }
      for hunk in hunks {
        guard let (old, new) = Self.change(hunk) else { continue }
        (upstream, claimed, line) = (old, new, hunk.line)
        return
      }
    }
    return nil
  }

  private static func change(_ hunk: Hunk) -> (old: String, new: String)? {
    var old: String?
    var new: String?
    hunk.forEachLine { kind, range in
      guard let value = value(hunk.source[range]) else { return }
      switch kind {
      case .context: break
      case .removed: old = value
      case .added: new = value
      }
    }
    guard let old, let new, old != new else { return nil }
    return (old, new)
  }

  /// The number in `_MAX_API_VERSION = "2.96"`, in either kind of quotes.
  private static func value(_ line: ArraySlice<UInt8>) -> String? {
    let text = String(decoding: line, as: UTF8.self)
    guard text.hasPrefix("_MAX_API_VERSION = ") else { return nil }
    let parts = text.split(whereSeparator: { $0 == "'" || $0 == "\"" })
    guard parts.count >= 2, parts[1].split(separator: ".").allSatisfy({ Int($0) != nil }) else {
      return nil
    }
    return String(parts[1])
  }
}
