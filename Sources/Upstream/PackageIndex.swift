import Foundation
import Git
import Patches
import Processes

/// The indexes of released archives, as pip is set up to reach them on this machine. kerb names no
/// index of its own.
///
/// pip lends its session and its settings, and nothing else: pages are read here, the archive comes
/// by its address, and nothing of it is opened before its digest has been compared.
struct PackageIndex: Sendable {
  /// The interpreter whose pip is used.
  var python = "python3"
  /// Changes to the inherited environment, in which pip's settings may stand.
  var environment: [String: String?] = [:]
  /// The most bytes of an archive.
  var limit = ReceivedArchive.maximumSize

  /// Downloads the source archive of a version.
  ///
  /// - Parameters:
  ///   - version: nil for the newest final release.
  ///   - locked: The line that the archive must be equal to. Where the index already says another
  ///     digest, nothing is downloaded.
  /// - Returns: the archive and its version.
  func download(
    _ name: String, version: String?, locked: UpstreamLock.Entry?,
    progress: @Sendable (FetchProgress) -> Void
  ) async throws -> (archive: ReceivedArchive, version: String) {
    let requirement = version.map { "\(name)==\($0)" } ?? name
    progress(.downloading(requirement, percent: nil))
    return try await withPrivateFolder { folder in
      let asked = try await ask(name, in: folder)
      let file = try choose(name, version, locked, asked)
      try await bring(file, to: folder) { percent in
        progress(.downloading(requirement, percent: percent))
      }
      let archive = ReceivedArchive(
        fileName: file.fileName,
        content: try read("archive", in: folder, limit: limit))
      if let digest = file.digest, digest != archive.digest {
        throw UpstreamError(
          .mismatch,
          "\(file.fileName) has the SHA-256 \(archive.digest), and the index says \(digest)",
          hint: "run fetch again; if it stays so, the index or what is before it is broken")
      }
      return (archive, file.version)
    }
  }

  /// Asks every index and folder of pip's configuration for a project's archives.
  private func ask(_ name: String, in folder: String) async throws -> AskedIndexes {
    let project = normalizedProjectName(name)
    let answer = try await run(
      IndexRequest(project: project, limit: IndexPage.maximumSize), in: folder)
    var asked = AskedIndexes()
    for place in answer.places ?? [] {
      do {
        try asked.add(place, project: project) { name in
          try read(name, in: folder, limit: IndexPage.maximumSize)
        }
      } catch let error as IndexPageProblem {
        asked.failures.append(
          UpstreamError(
            .network, "the page of \(name) at \(place.place) is not taken: \(error)",
            hint: "check pip's index settings (pip config list)"))
      }
    }
    return asked
  }

  /// The file to take. Of several places the first that has it, in pip's order.
  private func choose(
    _ name: String, _ version: String?, _ locked: UpstreamLock.Entry?, _ asked: AskedIndexes
  ) throws -> ReleasedFile {
    guard let version else {
      if let failure = asked.failures.first { throw failure }
      guard let newest = asked.files.newest else {
        throw notFound(name, nil, known: asked.files.versions)
      }
      return newest
    }
    let fitting = asked.files.filter { $0.hasVersion(version) }
    guard let locked else {
      if let failure = asked.failures.first { throw failure }
      guard let file = fitting.first else {
        throw notFound(name, version, known: asked.files.versions)
      }
      return file
    }
    let digest = locked.archiveDigest?.lowercased()
    if let file = fitting.first(where: { $0.digest == digest })
      ?? fitting.first(where: { $0.digest == nil })
    {
      return file
    }
    if let failure = asked.failures.first { throw failure }
    guard let other = fitting.first else {
      throw notFound(name, version, known: asked.files.versions)
    }
    throw changedArchive(other.fileName, digest: other.digest ?? "none", locked)
  }

  private func bring(
    _ file: ReleasedFile, to folder: String, onPercent: @Sendable (Int) -> Void
  ) async throws {
    let (request, place) =
      switch file.place {
      case .web(let address, let index):
        (IndexRequest(url: "\(address)", index: index, limit: limit), index)
      case .folder(let folder):
        (IndexRequest(path: "\(folder)/\(file.fileName)", limit: limit), folder)
      }
    let answer = try await run(request, in: folder, onPercent: onPercent)
    if let kind = answer.kind {
      throw indexFailure(kind, answer.reason ?? "", getting: file.fileName, from: place)
    }
  }

  private func run(
    _ request: IndexRequest, in folder: String, onPercent: @Sendable (Int) -> Void = { _ in }
  ) async throws -> IndexAnswer {
    let own = ["TMPDIR": folder, "PWD": folder, "LC_ALL": "C.UTF-8"]
    let program = Program(
      python, ["-I", "-c", IndexProgram.text],
      environment: environment.merging(own) { $1 }, directory: folder,
      input: Array(try JSONEncoder().encode(request)))
    let output = try await inUsersWords {
      try await program.run { line in
        let words = line.split(separator: UInt8(ascii: " "))
        guard words.count == 2, words[0].elementsEqual("received".utf8) else { return }
        if let percent = Int(String(decoding: words[1], as: UTF8.self)) { onPercent(percent) }
      }
    }
    guard output.succeeded,
      let answer = try? JSONDecoder().decode(IndexAnswer.self, from: Data(output.standardOutput))
    else {
      throw indexFailure(
        "configuration", summary(of: output.standardError), getting: "released archives",
        from: "pip")
    }
    if answer.places == nil, let kind = answer.kind, request.project != nil {
      throw indexFailure(kind, answer.reason ?? "", getting: request.project ?? "", from: "pip")
    }
    return answer
  }
}

/// A file that the index program has brought.
private func read(_ name: String, in folder: String, limit: Int) throws -> [UInt8] {
  do {
    var tree = try DiskTree(at: folder)
    return try tree.readFile(RepoPath(name), limit: limit)
  } catch let error as GitError {
    throw UpstreamError(
      .environment, "what was downloaded cannot be read: \(error)",
      hint: "check the space and the permissions of the temporary folder (TMPDIR)")
  }
}

private func notFound(_ name: String, _ version: String?, known: [String]) -> UpstreamError {
  guard !known.isEmpty else {
    return UpstreamError(
      .notFound, "the package index has no source archive of \(name)",
      hint: "check the name in kerb.yaml and pip's index settings (pip config list), or use "
        + "--from git")
  }
  guard let version else {
    return UpstreamError(
      .notFound, "\(name) has no final release with a source archive",
      hint: "name a version in kerb.yaml: \(known.suffix(8).joined(separator: ", "))")
  }
  let major = version.prefix { $0 != "." } + "."
  let near = known.filter { $0.hasPrefix(major) }.suffix(8).joined(separator: ", ")
  return UpstreamError(
    .notFound, "version \(version) of \(name) has no source archive",
    hint: near.isEmpty
      ? "the newest is \(known[known.count - 1])" : "these have one: \(near)")
}

/// The error for an archive that has another digest than the lock.
func changedArchive(
  _ fileName: String, digest: String, _ locked: UpstreamLock.Entry
) -> UpstreamError {
  UpstreamError(
    .mismatch,
    "\(fileName) has the SHA-256 \(digest), and \(locked.stack) is locked to "
      + "\(locked.archiveDigest ?? "none")",
    hint: "an index must never change a released archive: find out why before fetch --update")
}

/// Runs work with a folder of its own, and removes it afterwards.
private func withPrivateFolder<Result>(
  _ body: (_ path: String) async throws -> Result
) async throws -> Result {
  let path: String
  do {
    path = try makePrivateFolder(for: "fetch")
  } catch let error as PrivateFolderError {
    throw UpstreamError(.environment, error.description, hint: "run fetch again then")
  }
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try await body(path)
}
