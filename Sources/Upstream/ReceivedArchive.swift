import Crypto

/// A released source archive in memory.
struct ReceivedArchive: Sendable {
  /// The most bytes that an archive may have.
  static let maximumSize = 128 << 20

  /// The file's name as the index has it: `nova-29.4.0.tar.gz`.
  let fileName: String
  let content: [UInt8]
  /// The SHA-256 of the content in 64 lower-case hexadecimal digits.
  let digest: String

  init(fileName: String, content: [UInt8]) {
    self.fileName = fileName
    self.content = content
    self.digest = SHA256.hash(data: content).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
