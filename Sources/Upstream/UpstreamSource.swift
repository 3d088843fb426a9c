import Patches

/// Where one stack's upstream tree can be taken from, as the configuration has it.
struct UpstreamSource: Sendable {
  let project: Configuration.Project
  let release: Release

  var stack: StackName { StackName(release, project.name) }

  /// The archive version of the release, `latest` included.
  private var version: String? { project.versions[release] }

  /// The refs that may stand for the release.
  var refs: ReleaseRefs { ReleaseRefs(release, version: version == "latest" ? nil : version) }

  /// The name of the released archives, checked for being one.
  func archiveName() throws(UpstreamError) -> String {
    guard let name = project.sdist else {
      throw UpstreamError(
        .notFound, "kerb.yaml names no released archives of \(project.name)",
        hint: "take it from git: --from git, or --from PATH for a clone")
    }
    guard isProjectName(name) else {
      throw UpstreamError(
        .mismatch, "'\(name)' is no name of a released archive",
        hint: "correct the archive's name of \(project.name) in kerb.yaml")
    }
    return name
  }

  /// The archive version to take, `latest` included; nil where the tree comes from git.
  func archiveVersion(_ choice: Choice) throws(UpstreamError) -> String? {
    switch choice {
    case .git, .clone: return nil
    case .automatic where project.sdist == nil: return nil
    case .automatic where version == nil && project.git != nil: return nil
    case .automatic, .sdist: break
    }
    _ = try archiveName()
    guard let version else {
      throw UpstreamError(
        .notFound, "kerb.yaml names no version of \(project.name) for \(release)",
        hint: "add one under its versions, or use --from git")
    }
    guard UpstreamLock.Source("sdist:\(version)") != nil else {
      throw UpstreamError(
        .mismatch, "'\(version)' is no version",
        hint: "correct the version of \(project.name) for \(release) in kerb.yaml")
    }
    return version
  }

  /// The git repository to take the tree from.
  func remote(_ choice: Choice) throws(UpstreamError) -> Remote {
    switch choice {
    case .clone(let path): return try Remote(clone: path)
    case .automatic, .git, .sdist:
      guard let address = project.git else {
        throw UpstreamError(
          .notFound, "kerb.yaml names no git repository of \(project.name)",
          hint: "add its address, or name a clone on this machine with --from PATH")
      }
      return try Remote(address: address, project: project.name)
    }
  }

  /// What the user should know about taking the tree from git.
  func warnings(_ choice: Choice) -> [String] {
    guard choice == .automatic, project.sdist != nil, version == nil else { return [] }
    return ["kerb.yaml names no version of \(project.name) for \(release), so git was asked"]
  }

  /// The error for a repository that has none of the release's refs.
  func noRef(in remote: Remote) -> UpstreamError {
    let tried = refs.candidates.map(\.shortName).joined(separator: ", ")
    return UpstreamError(
      .notFound, "\(remote.location) has nothing for \(release): tried \(tried)",
      hint: project.sdist == nil
        ? "name a clone that still has the branch with --from PATH"
        : "take the released archive: --from sdist")
  }

  /// The error for a choice that cannot give the locked tree.
  func locked(to source: UpstreamLock.Source) -> UpstreamError {
    UpstreamError(
      .mismatch, "\(stack) is locked to \(source), which that source does not have",
      hint: "leave --from out to get the locked tree, or add --update to move the lock")
  }
}
