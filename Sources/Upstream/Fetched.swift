public import Patches

/// Where `fetch` takes a tree from: its `--from`.
public enum Choice: Hashable, Sendable {
  /// The released archive that the configuration names, else git.
  case automatic
  /// The git repository that the configuration names.
  case git
  /// The released archive.
  case sdist
  /// A clone or bare repository on this machine. It is read once and not needed afterwards.
  case clone(path: String)
}

/// An upstream tree that is now in the project's repository.
public struct Fetched: Hashable, Sendable {
  /// The line for the lock; of a locked tree the line that was there.
  public let entry: UpstreamLock.Entry
  /// What was taken, as a phrase: `the archive nova-29.4.0.tar.gz`, `branch unmaintained/2024.1`;
  /// free of credentials.
  public let tookFrom: String
  /// What the user should know about the choice, a sentence each.
  public let warnings: [String]

  public init(entry: UpstreamLock.Entry, tookFrom: String, warnings: [String] = []) {
    self.entry = entry
    self.tookFrom = withoutCredentials(tookFrom)
    self.warnings = warnings
  }
}

/// How far a fetch is.
public enum FetchProgress: Hashable, Sendable {
  /// Asking upstream what it has.
  case resolving
  /// Receiving an archive or a ref; the percentage where it is known.
  case downloading(String, percent: Int?)
  /// Writing an archive's files into the project's repository.
  case importing(files: Int)
  /// The tree is there.
  case done
}

/// Warns where the trees of one release belong together and do not: kolla and kolla-ansible number
/// their releases alike, and a deployment needs both of one.
///
/// - Parameter versions: The archive version of each project of one release.
/// - Returns: a sentence, or nil.
public func releaseSkew(_ versions: [String: String]) -> String? {
  guard let images = versions["kolla"], let playbooks = versions["kolla-ansible"],
    images.prefix(while: { $0 != "." }) != playbooks.prefix(while: { $0 != "." })
  else { return nil }
  return "kolla \(images) and kolla-ansible \(playbooks) are of different releases"
}
