import Foundation

/// Runs work with a new folder that nobody else can enter, and removes it afterwards.
///
/// It is outside of the workspace: what a program looks for in the folders above the one that it
/// starts in, such as the version that a Python is to have, must not come with a clone.
func withPrivateFolder<Result>(
  _ body: (_ path: String) async throws -> Result
) async throws -> Result {
  let parent = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 }
  var template = Array(((parent ?? "/tmp") + "/kerb-fetch-XXXXXX").utf8CString)
  guard mkdtemp(&template) != nil else {
    throw UpstreamError(
      .environment,
      "no temporary folder can be made in \(parent ?? "/tmp"): \(String(cString: strerror(errno)))",
      hint: "set TMPDIR to a folder that this user may write to")
  }
  let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try await body(path)
}
