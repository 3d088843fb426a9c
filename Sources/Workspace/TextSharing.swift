import Journal
import PatchEngine
import Patches

/// Which releases share which text of one patch, and what the files are called.
///
/// The text of the newest release that has the patch is `NAME.patch`; any other is
/// `NAME@RELEASE.patch`, by the newest release that uses it.
struct TextSharing {
  /// One text with its users.
  struct Group {
    /// The file as it is called now; nil for a text that is new.
    var path: String?
    var patch: Patch
    var bytes: [UInt8]
    var releases: Set<Release>
    /// What the file holds now.
    let before: [UInt8]?

    init(path: String?, patch: Patch, bytes: [UInt8], releases: Set<Release>) {
      (self.path, self.patch, self.bytes, self.releases) = (path, patch, bytes, releases)
      before = path == nil ? nil : bytes
    }
  }

  let project: String
  let name: String
  private(set) var groups: [Group]
  /// The files that hold texts of the patch now.
  let present: [String]
  /// What each release's own tree made of its text.
  private var made: [Release: (bytes: [UInt8], patch: Patch)] = [:]

  init(project: String, name: String, groups: [Group]) {
    (self.project, self.name, self.groups) = (project, name, groups)
    present = groups.compactMap(\.path)
  }

  /// Gives a release another text. It joins the users of one that says the same.
  ///
  /// Line numbers are those of the newest release that uses a text.
  ///
  /// - Parameters:
  ///   - apart: true to keep it from sharing.
  ///   - keepsForm: true to leave a text that says the same, and that others share, as it is written.
  mutating func put(
    _ bytes: [UInt8], _ patch: Patch, for release: Release, apart: Bool = false,
    keepsForm: Bool = false
  ) {
    let former = groups.firstIndex { $0.releases.contains(release) }
    if let former { groups[former].releases.remove(release) }
    let order = [former].compactMap { $0 } + groups.indices.filter { $0 != former }
    let same = apart ? nil : order.first { groups[$0].patch.saysTheSame(as: patch) }
    if let same {
      let isAlone = groups[same].releases.isEmpty
      groups[same].releases.insert(release)
      if !keepsForm || isAlone, groups[same].releases.max() == release {
        groups[same].bytes = bytes
        groups[same].patch = patch
      }
    } else {
      groups.append(Group(path: nil, patch: patch, bytes: bytes, releases: [release]))
    }
    groups.removeAll { $0.releases.isEmpty }
    guard !keepsForm else { return }
    made[release] = (bytes, patch)
    // A group that its newest release has left has the form of the one that is the newest now.
    for index in groups.indices {
      guard let newest = groups[index].releases.max(), let own = made[newest],
        groups[index].patch.saysTheSame(as: own.patch)
      else { continue }
      (groups[index].bytes, groups[index].patch) = own
    }
  }

  /// Gives releases one text in the place of what they have. Where nobody else uses the old one, its
  /// file stays and holds the new; where somebody has a text that says the same already, it is theirs.
  ///
  /// - Parameter apart: true to keep it from being somebody else's.
  mutating func replace(
    _ bytes: [UInt8], _ patch: Patch, for releases: Set<Release>, apart: Bool = false
  ) {
    for index in groups.indices { groups[index].releases.subtract(releases) }
    let same = groups.firstIndex {
      !apart && !$0.releases.isEmpty && ($0.bytes == bytes || $0.patch.saysTheSame(as: patch))
    }
    let free = groups.firstIndex { $0.releases.isEmpty }
    if let same {
      groups[same].releases.formUnion(releases)
      if let newest = groups[same].releases.max(), releases.contains(newest) {
        (groups[same].bytes, groups[same].patch) = (bytes, patch)
      }
    } else if let free {
      (groups[free].bytes, groups[free].patch) = (bytes, patch)
      groups[free].releases = releases
    } else {
      groups.append(Group(path: nil, patch: patch, bytes: bytes, releases: releases))
    }
    groups.removeAll { $0.releases.isEmpty }
  }

  /// Takes the patch away from a release.
  mutating func drop(_ release: Release) {
    for index in groups.indices { groups[index].releases.remove(release) }
    groups.removeAll { $0.releases.isEmpty }
  }

  /// The path of each release's text below `patches/`.
  var paths: [Release: String] {
    let living = "\(project)/\(name).patch"
    var result: [Release: String] = [:]
    var taken: Set<String> = []
    let sorted = groups.sorted { $0.releases.max()! > $1.releases.max()! }
    for (index, group) in sorted.enumerated() {
      let variant = "\(project)/\(name)@\(group.releases.max()!).patch"
      var path = index == 0 ? living : variant
      // A name that is still true stays.
      if let now = group.path, now != living || index == 0, !taken.contains(now),
        let release = variantRelease(now), release.map({ $0 >= group.releases.max()! }) ?? true,
        !sorted.contains(where: {
          $0.releases.max()! != group.releases.max()!
            && "\(project)/\(name)@\($0.releases.max()!).patch" == now
        })
      {
        path = now
      }
      taken.insert(path)
      for release in group.releases { result[release] = path }
    }
    return result
  }

  /// The release in a file's name: the inner nil where it has none, the outer where it is no name.
  private func variantRelease(_ path: String) -> Release?? {
    let stem = path.dropFirst(project.count + 1).dropLast(".patch".count)
    let parts = stem.split(separator: "@")
    guard parts.count == 2 else { return .some(nil) }
    return Release(String(parts[1])).map { .some($0) }
  }

  func bytes(for release: Release) -> [UInt8]? {
    groups.first { $0.releases.contains(release) }?.bytes
  }

  func patch(for release: Release) -> Patch? {
    groups.first { $0.releases.contains(release) }?.patch
  }

  /// Puts the files that change into a set.
  func put(into set: inout FileSet) throws {
    let paths = paths
    var used: Set<String> = []
    for group in groups {
      guard let release = group.releases.first, let name = paths[release] else { continue }
      used.insert(name)
      if group.path != name || group.bytes != group.before {
        set.put(try RepoPath("patches/\(name)"), group.bytes)
      }
    }
    for name in present where !used.contains(name) {
      set.remove(try RepoPath("patches/\(name)"))
    }
  }
}
