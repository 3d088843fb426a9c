import CLibgit2

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What the world refused: libgit2, or the file system under it.
public struct GitError: Error, Sendable {
  /// What was being done, as a phrase: `read blob 8baef1b…`.
  public let doing: String
  /// libgit2's code (`GIT_ENOTFOUND` is -3), or -1 where libgit2 was not asked.
  public let code: Int32
  /// Why it failed, in the words of libgit2 or of the system.
  public let reason: String

  /// The error that libgit2 has just returned.
  ///
  /// The message is thread-local in libgit2 and is read here: make the error before any `await`
  /// and before any other call of libgit2.
  public init(_ doing: String, code: Int32) {
    let message = git_error_last().flatMap { $0.pointee.message }
    self.init(doing, code: code, reason: message.map { String(cString: $0) } ?? "error \(code)")
  }

  /// The error that the C library has just left in `errno`.
  package init(_ doing: String, errno number: Int32) {
    self.init(doing, code: -1, reason: String(cString: strerror(number)))
  }

  /// An error that was found here, with its reason.
  package init(_ doing: String, because reason: String) {
    self.init(doing, code: -1, reason: reason)
  }

  private init(_ doing: String, code: Int32, reason: String) {
    self.doing = doing
    self.code = code
    self.reason = reason
  }

  /// True where the thing that was asked for is not there, or its name is none that it could have.
  public var isNotFound: Bool {
    code == GIT_ENOTFOUND.rawValue || code == GIT_EINVALIDSPEC.rawValue
  }
}

extension GitError: CustomStringConvertible {
  /// `DOING: REASON`; not escaped for any medium.
  public var description: String { "\(doing): \(reason)" }
}

/// Passes a code of libgit2 on, or throws what it stands for.
@discardableResult
func check(_ code: Int32, _ doing: @autoclosure () -> String) throws(GitError) -> Int32 {
  guard code >= 0 else { throw GitError(doing(), code: code) }
  return code
}
