import Foundation
import Patches
import Workspace

/// Standard input.
enum StandardInput {
  /// All of its bytes.
  ///
  /// - Throws: `UsageError` where it cannot be read, or there are more than a patch may have.
  static func read(limit: Int = Patch.maximumSize) throws(UsageError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Foundation.read(STDIN_FILENO, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw UsageError("cannot read standard input: \(String(cString: strerror(errno)))")
      }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= limit else {
        throw UsageError("standard input has more than \(limit) bytes")
      }
    }
  }
}
