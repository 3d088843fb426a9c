import Crypto
import Foundation

/// A released source archive in memory.
struct ReceivedArchive: Sendable {
  /// The most bytes that an archive may have.
  static let maximumSize = 512 << 20

  /// The file's name as the index has it: `nova-29.4.0.tar.gz`.
  let fileName: String
  let content: Data
  /// The SHA-256 of the content in 64 hexadecimal digits.
  let digest: String

  init(fileName: String, content: Data) {
    self.fileName = fileName
    self.content = content
    self.digest = SHA256.hash(data: content).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  /// The archive in a file.
  ///
  /// - Throws: `mismatch` for a file that is too large or no `.tar.gz`, `environment` for one that
  ///   cannot be read.
  init(path: String) throws(UpstreamError) {
    let url = URL(fileURLWithPath: path)
    let name = url.lastPathComponent
    guard name.hasSuffix(".tar.gz") else {
      throw UpstreamError(
        .mismatch, "the released archive \(name) is no .tar.gz",
        hint: "take the project from git: --from git")
    }
    do {
      let size = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
      guard size <= Self.maximumSize else {
        throw UpstreamError(
          .mismatch,
          "the released archive \(name) has \(size) bytes; \(Self.maximumSize) is the most",
          hint: "take the project from git: --from git")
      }
      self.init(fileName: name, content: try Data(contentsOf: url))
    } catch let error as UpstreamError {
      throw error
    } catch {
      throw UpstreamError(
        .environment, "\(path) cannot be read: \(error.localizedDescription)",
        hint: "check the file's permissions and run fetch again")
    }
  }

  /// The version in the file's name: what follows its last dash.
  var version: String? {
    let stem = fileName.dropLast(".tar.gz".count)
    return stem.lastIndex(of: "-").map { String(stem[stem.index(after: $0)...]) }
  }
}

/// The archives that were received, kept so that a locked tree can be made again without a network:
/// `archives/DIGEST/nova-29.4.0.tar.gz`.
struct ArchiveCache: Sendable {
  let directory: String

  /// The archive with that digest. One whose content has another digest is removed, and is as if
  /// it had never been there.
  func archive(digest: String) -> ReceivedArchive? {
    let folder = "\(directory)/\(digest)"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    guard let name = names.first(where: { $0.hasSuffix(".tar.gz") }),
      let archive = try? ReceivedArchive(path: "\(folder)/\(name)")
    else { return nil }
    guard archive.digest == digest else {
      try? FileManager.default.removeItem(atPath: folder)
      return nil
    }
    return archive
  }

  /// Keeps an archive. A full disk only costs the next fetch a download.
  func keep(_ archive: ReceivedArchive) {
    let folder = URL(fileURLWithPath: "\(directory)/\(archive.digest)")
    let file = folder.appendingPathComponent(archive.fileName)
    guard !FileManager.default.fileExists(atPath: file.path) else { return }
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try? archive.content.write(to: file, options: .atomic)
  }
}
