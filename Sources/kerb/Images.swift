import ArgumentParser
import Claims
import Foundation
import Images
import Patches
import Processes
import Reports
import Workspace

/// `kerb images`: container images of a release's patched trees.
struct ImagesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "images",
    abstract: "Build container images of a release's patched trees with its patched Kolla.",
    discussion: """
      Writes into a folder: sources/, the archives of the projects that kerb.yaml gives 'image_sources'; \
      kolla-build.conf; template-override.j2 where an image needs a package more; manifest.json with the \
      digest of everything. Then the patched Kolla is installed into an environment of its own there, \
      and kolla-build runs.

      The images are nova-api, nova-compute, nova-libvirt and Kerbside's, unless others are named. Without \
      a container engine, --template-only renders the Dockerfiles into work/, --plan-only stops before \
      Kolla is installed.

      Exit code 1 if an image cannot be built, 5 if Kolla cannot be installed.
      """)

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("The folder; by default images/RELEASE.", valueName: "dir"))
  var output: String?

  @Option(help: ArgumentHelp("The distribution; there is one.", valueName: "name"))
  var base = KollaBuild.base

  @Option(
    help: ArgumentHelp(
      "The images' tag; by default RELEASE-debian-CODENAME-LABEL.", valueName: "tag"))
  var tag: String?

  @Option(help: ArgumentHelp("The images' namespace.", valueName: "name"))
  var namespace = "kolla"

  @Option(
    help: ArgumentHelp(
      "A file of constraints for pip, with which Kolla is installed.", valueName: "file"))
  var constraints: String?

  @Option(help: ArgumentHelp("The Python that Kolla runs on.", valueName: "program"))
  var python = "python3"

  @Flag(help: "Build every image that Kolla knows.")
  var all = false

  @Flag(help: "Render the Dockerfiles and build nothing; no container engine is needed.")
  var templateOnly = false

  @Flag(help: "Write archives, configuration and manifest, and stop there.")
  var planOnly = false

  @OptionGroup var workspace: WorkspaceOptions

  @Argument(help: ArgumentHelp("The release.", valueName: "release"))
  var release: String

  @Argument(help: ArgumentHelp("Images, as regular expressions of Kolla.", valueName: "image"))
  var images: [String] = []

  func validate() throws {
    guard !(all && !images.isEmpty) else { throw ValidationError("--all or images, not both") }
    guard !(templateOnly && planOnly) else {
      throw ValidationError("--template-only or --plan-only, not both")
    }
    for name in [tag, namespace].compactMap({ $0 }) {
      guard name.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_.\/-]{0,127}/) != nil else {
        throw ValidationError("'\(name)' is no name of an image's tag or namespace")
      }
    }
    guard images.allSatisfy({ !$0.hasPrefix("-") }) else {
      throw ValidationError("an image's name does not begin with a dash")
    }
  }

  func run() async throws {
    guard base == KollaBuild.base else {
      throw UsageError("images are made for Debian only, not for '\(base)': \(KollaBuild.reason)")
    }
    let workspace = try workspace.open()
    guard let release = Release(release), workspace.configuration.releases.contains(release) else {
      throw UsageError(
        "'\(self.release)' is no release of kerb.yaml: "
          + workspace.configuration.releases.map(\.name).joined(separator: ", "))
    }
    var options = ImageOptions()
    (options.directory, options.tag) = (output ?? "images/\(release)", tag)
    options.namespace = namespace
    Progress.begin("\(release): archives")
    let (plan, verdicts) = try workspace.images(of: release, options)
    Progress.clear()
    guard let plan else { return try Verdicts(verdicts).show(OutputOptions.text) }
    let chosen = images.isEmpty ? plan.images : images
    let manifest = ManifestForm(plan, images: all ? ["all"] : chosen, workspace)
    try plan.write(manifest: json(manifest) + "\n")
    show(plan)
    StandardOutput.flush()
    Reading.end()
    guard !planOnly else { return }
    let interpreter = try await install(plan)
    try await build(plan, all ? [] : chosen, interpreter, in: workspace)
  }

  private func show(_ plan: ImagePlan) {
    for source in plan.sources + [plan.builder] {
      let place = source.sections.isEmpty ? "kolla-build" : source.sections.joined(separator: ", ")
      Terminal.print(terminalSafe("\(place)  \(source.file)  sha256:\(source.sha256)"))
    }
    for (image, package) in plan.build.packages { Terminal.print("\(image)  with \(package)") }
    Terminal.print(terminalSafe("tag \(plan.build.tag), on Debian \(plan.build.codename)"))
    Terminal.print(terminalSafe("\(plan.directory)/manifest.json"))
  }

  /// An environment with the patched Kolla.
  private func install(_ plan: ImagePlan) async throws -> String {
    let folder = plan.directory + "/environment"
    Progress.begin("installing \(plan.builder.file)")
    try await succeed(
      Program(python, ["-I", "-m", "venv", "--clear", folder]), "the environment \(folder)")
    let pins = constraints.map {
      ["--constraint", URL(filePath: $0).standardizedFileURL.path]
    }
    // kolla-build asks for the engine's module even where it builds nothing.
    let arguments =
      ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"] + (pins ?? [])
      + ["\(plan.directory)/sources/\(plan.builder.file)", "docker"]
    try await succeed(Program(folder + "/bin/python", arguments), "Kolla")
    Progress.clear()
    return folder + "/bin/python"
  }

  private func succeed(_ program: Program, _ what: String) async throws {
    let output = try await program.run()
    guard !output.succeeded else { return }
    Progress.clear()
    for line in output.standardError.split(separator: UInt8(ascii: "\n")).suffix(20) {
      Terminal.error(terminalSafe(Array(line)))
    }
    Terminal.error("kerb: error: \(terminalSafe(what)) could not be installed")
    throw ExitCode.environment
  }

  private func build(
    _ plan: ImagePlan, _ images: [String], _ interpreter: String, in workspace: Workspace
  ) async throws {
    var arguments = ["-m", "kolla.cmd.build", "--config-file", "kolla-build.conf"]
    if plan.build.overrides != nil {
      arguments += ["--template-override", "template-override.j2"]
    }
    if templateOnly { arguments.append("--template-only") }
    let summary = plan.directory + "/summary.json"
    try? FileManager.default.removeItem(atPath: summary)
    let program = Program(interpreter, arguments + images, directory: plan.directory)
    let status = try await program.runForwarding(output: .standardError)
    guard !templateOnly else {
      guard status == .exited(0) else { throw ExitCode.findings }
      return Terminal.print(terminalSafe("\(plan.directory)/work/docker has the Dockerfiles"))
    }
    guard let bytes = try workspace.contents(of: summary, limit: 16 << 20),
      let read = try? JSONDecoder().decode(KollaSummary.self, from: Data(bytes))
    else {
      Terminal.error("kerb: error: kolla-build ended without a summary")
      throw ExitCode.environment
    }
    for image in read.built { Terminal.print(terminalSafe("built \(image.name)")) }
    for image in read.failed { Terminal.print(terminalSafe("failed \(image.name)")) }
    if !read.failed.isEmpty || status != .exited(0) { throw ExitCode.findings }
  }
}

extension OutputOptions {
  /// Text without colours.
  fileprivate static var text: OutputOptions {
    var options = OutputOptions()
    (options.isJSON, options.color) = (false, .never)
    return options
  }
}

/// What the images are made of, as JSON.
private struct ManifestForm: Encodable {
  struct Source: Encodable {
    let stack: String
    let sections: [String]
    let file: String
    let version: String?
    let upstream: String
    let tree: String
    let sha256: String
    let patches: [String]
  }

  struct Claim: Encodable {
    let upstream: String
    let claimed: String
    let patch: String
  }

  let schemaVersion = currentSchema
  let release: String
  let base = KollaBuild.base
  let codename: String
  let namespace: String
  let tag: String
  let images: [String]
  /// A name for the trees of all sources.
  let stackHash: String
  let configurationSha256: String
  let sources: [Source]
  let builder: Source
  /// The API microversion that Nova's stack takes.
  let microversion: Claim?

  init(_ plan: ImagePlan, images: [String], _ workspace: Workspace) {
    func form(_ source: ImagePlan.Source) -> Source {
      Source(
        stack: "\(source.stack)", sections: source.sections, file: source.file,
        version: source.version, upstream: "\(source.upstream)", tree: "\(source.tree)",
        sha256: source.sha256, patches: source.patches)
    }
    release = plan.release.name
    codename = plan.build.codename
    namespace = plan.build.namespace
    tag = plan.build.tag
    self.images = images
    stackHash = plan.stackHash
    configurationSha256 = plan.configurationDigest
    sources = plan.sources.map(form)
    builder = form(plan.builder)
    let patches = plan.sources.flatMap { source in
      (try? workspace.patches(of: source.stack)) ?? []
    }
    microversion =
      patches.lazy.compactMap { found in
        MicroversionClaim(in: found.patch).map {
          Claim(upstream: $0.upstream, claimed: $0.claimed, patch: found.file)
        }
      }.first
  }
}
