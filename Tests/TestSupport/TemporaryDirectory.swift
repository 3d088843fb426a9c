import Foundation

/// A directory of its own for one test, removed with the value.
public final class TemporaryDirectory: Sendable {
  /// The absolute path, without symbolic links in it.
  public let path: String

  /// - Parameter inMemory: true for a directory of very many files, which a busy disk would make
  ///   slow. Where the machine has no file system in memory, it is an ordinary one.
  public init(inMemory: Bool = false) throws {
    let memory = "/dev/shm"
    let parent =
      inMemory && FileManager.default.isWritableFile(atPath: memory)
      ? URL(filePath: memory) : FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
    let url = parent.appending(path: "kerb-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path(percentEncoded: false)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of a file in the directory.
  public func file(_ name: String) -> String { path + "/" + name }

  /// Writes a file, and makes the directories above it.
  @discardableResult
  public func write(_ name: String, _ content: some Sequence<UInt8>) throws -> String {
    let path = file(name)
    let parent = (path as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    // Not Data.write, which waits for the disk.
    guard let stream = fopen(path, "w") else { throw CocoaError(.fileWriteUnknown) }
    defer { fclose(stream) }
    let bytes = Array(content)
    guard fwrite(bytes, 1, bytes.count, stream) == bytes.count else {
      throw CocoaError(.fileWriteUnknown)
    }
    return path
  }

  /// Writes a file of text, and makes the directories above it.
  @discardableResult
  public func write(_ name: String, _ content: String) throws -> String {
    try write(name, content.utf8)
  }

  /// A file's text, or nil where there is none.
  public func read(_ name: String) -> String? {
    FileManager.default.contents(atPath: file(name)).map { String(decoding: $0, as: UTF8.self) }
  }
}
