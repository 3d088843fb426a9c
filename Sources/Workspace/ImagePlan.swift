import Foundation
import Git
import Images
import PatchEngine
import Patches

/// What a container build of one release needs, laid out in a folder.
public struct ImagePlan: Sendable {
  /// One archive among the sources.
  public struct Source: Sendable {
    public let stack: StackName
    /// The sections of kolla-build.conf that take it; none for Kolla itself.
    public let sections: [String]
    /// The archive's name in the folder of sources.
    public let file: String
    public let version: String?
    public let tree: ObjectID
    public let upstream: UpstreamLock.Source
    /// The stack's patches in order.
    public let patches: [String]
    public let sha256: String
  }

  public let release: Release
  /// The folder, absolute.
  public let directory: String
  public let build: KollaBuild
  public let sources: [Source]
  /// Kolla itself.
  public let builder: Source
  /// A name for all that goes into the images: trees and patches of every source.
  public let stackHash: String
  public let configurationDigest: String

  /// The images that are built where none are named, as regular expressions of Kolla: Nova's that have to
  /// do with SPICE, and Kerbside's where the release's Kolla has them.
  public let images: [String]
  let root: String

  /// What Kolla and its environment write into the folder.
  private static let foreign = ["environment", "work", "work/docker", "summary.json"]

  /// Writes what says where everything came from into the folder.
  ///
  /// - Throws: `UsageError` where it cannot be written, as where a link in the workspace would lead what
  ///   is written there to another place; `GitError` where the disk refuses.
  public func write(manifest: String) throws {
    for name in Self.foreign { _ = try NamedPlace("\(directory)/\(name)", in: root) }
    try replaceFile("\(directory)/manifest.json", in: root, with: Array(manifest.utf8))
  }
}

/// How images are planned.
public struct ImageOptions: Sendable {
  /// The folder; it is made where it is missing, and written over where a plan is in it.
  public var directory = "images"
  /// The images' tag; nil for `RELEASE-debian-CODENAME-LABEL`, which Kolla-Ansible pulls with
  /// `openstack_tag_suffix`.
  public var tag: String?
  public var namespace = "kolla"
  /// The project whose tree has kolla-build.
  public var builder = "kolla"

  public init() {}
}

extension Workspace {
  /// Writes the archives of a release's patched trees, kolla-build's configuration and overrides.
  ///
  /// - Returns: the plan, or the verdicts of stacks that do not apply.
  /// - Throws: `UsageError` where the release has no such images or a tree is not at hand, `GitError`.
  public func images(
    of release: Release, _ options: ImageOptions
  ) throws -> (plan: ImagePlan?, verdicts: [StackVerdict]) {
    guard configuration.project(options.builder) != nil else {
      throw UsageError("kerb.yaml has no project '\(options.builder)', whose tree has kolla-build")
    }
    let projects = configuration.projects.filter {
      !$0.imageSources.isEmpty || $0.name == options.builder
    }
    guard projects.count > 1 else {
      throw UsageError("no project of kerb.yaml has 'image_sources', so there is nothing to build")
    }
    // A project without patches is left to what Kolla takes by itself.
    let stacks = try projects.map { StackName(release, $0.name) }.filter { stack in
      try stack.project == options.builder
        || !series(release).entries(of: stack.project).isEmpty
    }
    let directory = URL(filePath: options.directory).standardizedFileURL.path
    var exporting = ExportOptions()
    exporting.directory = directory + "/sources"
    let exports = try export(stacks, exporting)
    let verdicts = exports.map(\.verdict)
    guard verdicts.allSatisfy(\.isGood) else { return (nil, verdicts) }
    let sources = try zip(stacks, exports).map { try source($0, $1) }
    guard let builder = sources.first(where: { $0.stack.project == options.builder }) else {
      preconditionFailure("the builder is among the stacks")
    }
    let codename = try codename(of: builder)
    let tag =
      options.tag ?? "\(release)-\(KollaBuild.base)-\(codename)-\(configuration.versionLabel)"
    let build = KollaBuild(
      codename: codename, tag: tag, namespace: options.namespace,
      sources: sources.flatMap { source in
        source.sections.map { KollaBuild.Source(section: $0, file: source.file) }
      })
    let text = Array(build.configuration.utf8)
    try replaceFile("\(directory)/kolla-build.conf", in: root, with: text)
    if let overrides = build.overrides {
      try replaceFile(
        "\(directory)/template-override.j2", in: root, with: Array(overrides.utf8))
    }
    let plan = ImagePlan(
      release: release, directory: directory, build: build,
      sources: sources.filter { !$0.sections.isEmpty }, builder: builder,
      stackHash: try hash(of: sources), configurationDigest: sha256(text),
      images: try images(of: builder), root: root)
    return (plan, verdicts)
  }

  private func source(_ stack: StackName, _ export: Export) throws -> ImagePlan.Source {
    guard let written = export.written, let digest = written.sha256,
      let upstream = export.verdict.upstream
    else {
      throw UsageError(
        "\(stack) has no tree at hand; run 'kerb fetch \(stack)'")
    }
    return ImagePlan.Source(
      stack: stack, sections: configuration.project(stack.project)?.imageSources ?? [],
      file: fileName(written.path), version: written.version, tree: written.tree,
      upstream: upstream.source, patches: export.verdict.patches, sha256: digest)
  }

  private func hash(of sources: [ImagePlan.Source]) throws -> String {
    var text = ""
    for source in sources.sorted(by: { $0.stack < $1.stack }) {
      text += "\(source.stack) \(source.tree)\n"
    }
    return "\(try objectID(.blob, Array(text.utf8)))"
  }

  private func images(of builder: ImagePlan.Source) throws -> [String] {
    let repository = try Repository(
      opening: store.repositoryPath(project: builder.stack.project))
    // Where Kolla keeps its templates: from 2026.2 on, and before.
    let hasKerbside = try ["kolla/docker/kerbside", "docker/kerbside"].contains { folder in
      try repository.entry(at: RepoPath(folder), inTree: builder.tree) != nil
    }
    return ["^nova-api$", "^nova-compute$", "^nova-libvirt$"] + (hasKerbside ? ["^kerbside"] : [])
  }

  private func codename(of builder: ImagePlan.Source) throws -> String {
    let repository = try Repository(
      opening: store.repositoryPath(project: builder.stack.project))
    let path = try RepoPath("kolla/common/config.py")
    let entry = try repository.entry(at: path, inTree: builder.tree)
    let text = try entry.map { String(decoding: try repository.blob($0.id), as: UTF8.self) }
    guard let codename = text.flatMap({ KollaBuild.codename(in: $0) }) else {
      throw UsageError(
        "\(builder.stack): \(path) does not say which Debian its images are built on")
    }
    return codename
  }
}
