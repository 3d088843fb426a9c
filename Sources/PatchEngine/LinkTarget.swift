import Patches

/// Why a symbolic link is not carried.
public enum LinkProblem: Error, Hashable, Sendable, CustomStringConvertible {
  case empty, control, absolute, outside, gitDirectory

  public var description: String {
    switch self {
    case .empty: "the link has no target"
    case .control: "the link's target has a control character"
    case .absolute: "the link's target is absolute; it must lie inside the tree"
    case .outside: "the link's target leaves the tree"
    case .gitDirectory: "the link's target is in a .git directory"
    }
  }
}

/// Checks that a link at `path` points into the tree, by its text alone; nothing is followed.
///
/// - Throws: what is wrong with the target.
public func checkLink(at path: RepoPath, target: [UInt8]) throws(LinkProblem) {
  guard !target.isEmpty else { throw .empty }
  guard target.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { throw .control }
  guard target[0] != UInt8(ascii: "/"), !target.contains(UInt8(ascii: "\\")) else {
    throw .absolute
  }
  var depth = path.components.count - 1
  for component in target.split(separator: UInt8(ascii: "/")) {
    switch String(decoding: component, as: UTF8.self) {
    case ".": continue
    case "..": depth -= 1
    default:
      depth += 1
      do { _ = try RepoPath(Array(component)) } catch {
        if error == .gitDirectory { throw .gitDirectory }
      }
    }
    guard depth >= 0 else { throw .outside }
  }
}
