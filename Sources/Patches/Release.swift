/// A release of the upstream projects: `2023.1`, `2024.1`, or `master` for the newest.
public struct Release: Hashable, Sendable {
  public let name: String

  /// The release that follows upstream's newest.
  public static let master = Release(known: "master")

  /// - Returns: nil unless the name is `master` or two numbers divided by a dot, as a series file
  ///   may be named. Anything else could leave the folder of the series.
  public init?(_ name: String) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let isDated =
      parts.count == 2
      && parts.allSatisfy { part in
        (1...6).contains(part.utf8.count)
          && part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      }
    guard name == "master" || isDated else { return nil }
    self.name = name
  }

  private init(known name: String) {
    self.name = name
  }

  private var order: (Int, Int, String) {
    guard self != .master else { return (Int.max, 0, name) }
    let parts = name.split(separator: ".").map { Int($0) ?? 0 }
    return (parts[0], parts[1], name)
  }
}

extension Release: Comparable {
  /// Older before newer; `master` is the newest. Names of the same numbers, `24.4` and `24.04`, are
  /// in the order of their letters.
  public static func < (left: Release, right: Release) -> Bool { left.order < right.order }
}

extension Release: CustomStringConvertible {
  public var description: String { name }
}

/// The name of a stack: one project's patches for one release, written `2024.1/nova`.
public struct StackName: Hashable, Sendable {
  public let release: Release
  public let project: String

  public init(_ release: Release, _ project: String) {
    self.release = release
    self.project = project
  }
}

extension StackName: Comparable {
  public static func < (left: StackName, right: StackName) -> Bool {
    (left.project, left.release) < (right.project, right.release)
  }
}

extension StackName: CustomStringConvertible {
  public var description: String { "\(release)/\(project)" }
}
