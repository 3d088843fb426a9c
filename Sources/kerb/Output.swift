import Foundation
import Synchronization

/// Standard output. Bytes are kept until there are many of them, somebody else is to write there, or the
/// process ends; a result that could not be written makes the process fail.
enum StandardOutput {
  private struct State {
    var waiting: [UInt8] = []
    /// Why bytes were lost; nil while none were.
    var reason: Int32?
  }

  private static let state = Mutex(State())
  private static let isTerminal = isatty(STDOUT_FILENO) == 1
  private static let most = 64 << 10

  /// True once something could not be written: what follows would be lost too.
  static var isLost: Bool { state.withLock { $0.reason != nil } }

  static func write(_ bytes: some Collection<UInt8>) {
    state.withLock { state in
      guard state.reason == nil else { return }
      state.waiting += bytes
      if isTerminal || state.waiting.count >= most { flush(&state) }
    }
  }

  /// Gives away what is kept: before another program writes to the same place, and before a wait.
  static func flush() {
    state.withLock { flush(&$0) }
  }

  private static func flush(_ state: inout State) {
    guard !state.waiting.isEmpty else { return }
    let reason = writeAll(state.waiting, to: STDOUT_FILENO)
    state.waiting.removeAll(keepingCapacity: true)
    if reason == EPIPE { dieOfBrokenPipe() }
    if reason != 0 { state.reason = reason }
  }

  /// Ends the process: with the code, or with 5 where a result was lost.
  static func leave(_ code: Int32) -> Never {
    flush()
    if let reason = state.withLock({ $0.reason }) {
      let why = String(cString: strerror(reason))
      Terminal.error("kerb: error: cannot write to standard output: \(why)")
      exit(5)
    }
    exit(code)
  }

  /// Ends as if the signal had not been ignored by whoever started kerb: the shell sees the same as of
  /// any other program whose reader has gone.
  private static func dieOfBrokenPipe() -> Never {
    signal(SIGPIPE, SIG_DFL)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(SIGPIPE)
    _exit(128 + SIGPIPE)
  }
}

/// Standard error. Nobody learns of what cannot be written there: the result counts.
enum StandardError {
  static func write(_ bytes: some Collection<UInt8>) {
    var pipe = sigset_t()
    var before = sigset_t()
    sigemptyset(&pipe)
    sigaddset(&pipe, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &pipe, &before)
    if writeAll(Array(bytes), to: STDERR_FILENO) == EPIPE { takePending(&pipe) }
    pthread_sigmask(SIG_SETMASK, &before, nil)
  }

  /// Takes the signal of a broken pipe, which is blocked and would end the process afterwards.
  private static func takePending(_ pipe: inout sigset_t) {
    var pending = sigset_t()
    sigpending(&pending)
    var number: Int32 = 0
    if sigismember(&pending, SIGPIPE) == 1 { sigwait(&pipe, &number) }
  }
}

/// Opens what the caller has closed of the three standard descriptors: a file that kerb opens would get
/// their number otherwise, and messages would be written into it. They stay as good as closed: the first
/// cannot be read, the others cannot be written.
func completeStandardDescriptors() {
  for (number, mode) in [
    (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY),
  ] where fcntl(number, F_GETFD) < 0 {
    _ = open("/dev/null", mode)
  }
}

/// Writes all of the bytes to a descriptor.
///
/// - Returns: 0, or the `errno` that says why some are not written.
private func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
  var done = 0
  while done < bytes.count {
    let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + done, $0.count - done) }
    if count >= 0 {
      done += count
    } else if errno == EAGAIN || errno == EWOULDBLOCK {
      var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      poll(&waiting, 1, -1)
    } else if errno != EINTR {
      return errno
    }
  }
  return 0
}

/// `Terminal.print` is what prints: it says when something was lost.
@available(*, unavailable, message: "Terminal.print says when something was lost")
func print(_ items: Any..., separator: String = " ", terminator: String = "\n") {}
