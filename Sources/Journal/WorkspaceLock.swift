import Git
import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The lock of a workspace: `flock` on a file that stays. It ends with the process, so it is never
/// stale, and the file's words are only for those who wait.
struct WorkspaceLock: ~Copyable, Sendable {
  private let file: Descriptor
  private let path: String

  /// Who may work beside the one who has the lock.
  enum Kind {
    /// Nobody: for those who write.
    case exclusive
    /// Others who read.
    case shared

    fileprivate var flag: Int32 { self == .exclusive ? LOCK_EX : LOCK_SH }
  }

  init(writing path: String) throws(GitError) {
    let opened = try Descriptor(
      opening: path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, mode: 0o666)
    let status = try opened.regular("open \(path)")
    // It is cut short and written to: a second name of somebody's file is none of ours.
    guard status.st_nlink == 1 else {
      throw GitError("open \(path)", because: "the file has another name as well; remove this one")
    }
    self.path = path
    file = opened
  }

  /// The lock for one who reads; nil where there is none and none can be made.
  ///
  /// - Throws: where it is there and cannot be opened.
  init?(reading path: String) throws(GitError) {
    let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
    var number = open(path, flags | O_CREAT, 0o666)
    if number < 0 { number = open(path, flags) }
    guard number >= 0 || errno == ENOENT || errno == ENOTDIR else {
      throw GitError("open \(path)", errno: errno)
    }
    guard number >= 0 else { return nil }
    let opened = Descriptor(owning: number)
    try opened.regular("open \(path)")
    self.path = path
    file = opened
  }

  /// Takes the lock if nobody is in the way.
  func attempt(_ kind: Kind) throws(GitError) -> Bool {
    while flock(file.number, kind.flag | LOCK_NB) != 0 {
      switch errno {
      case EINTR: continue
      case EWOULDBLOCK: return false
      default: throw GitError("lock \(path)", errno: errno)
      }
    }
    return true
  }

  /// Writes down who has the lock. It is a courtesy: a full disk does not stop anybody here.
  func describe(_ words: String) {
    ftruncate(file.number, 0)
    let line = Array("\(getpid()) \(oneLine(words).prefix(1_000))\n".utf8)
    _ = pwrite(file.number, line, line.count, 0)
  }

  /// Takes the words away.
  func describeNobody() {
    ftruncate(file.number, 0)
  }

  /// Who has the lock, as far as it said so and lives.
  var holder: Holder? {
    guard let bytes = try? readFile(path, limit: 64 << 10),
      let space = bytes.firstIndex(of: UInt8(ascii: " ")),
      let process = Int32(String(decoding: bytes[..<space], as: UTF8.self)),
      kill(process, 0) == 0 || errno == EPERM
    else { return nil }
    let words = bytes[(space + 1)...].prefix { $0 != UInt8(ascii: "\n") }
    return Holder(
      process: process, words: String(decoding: words.prefix(200), as: UTF8.self))
  }
}

/// The text with each run of white space and control characters as one space.
func oneLine(_ text: String) -> String {
  let words = text.utf8.split { $0 <= 0x20 || $0 == 0x7f }
  return words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
}

/// How long somebody has waited, and whether to go on.
struct Patience {
  private let end: ContinuousClock.Instant
  private var hasTold = false
  /// Between two attempts.
  static let pause = Duration.milliseconds(20)

  init(_ wait: Duration) {
    end = .now + wait
  }

  /// Says once who is waited for.
  ///
  /// - Throws: `JournalError.busy` when the time is over.
  mutating func wait(for holder: Holder?, _ notice: (Notice) -> Void) throws(JournalError) {
    guard ContinuousClock.now < end else { throw .busy(holder) }
    if !hasTold { notice(.waiting(holder)) }
    hasTold = true
  }
}
