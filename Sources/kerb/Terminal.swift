import Foundation
import Synchronization

/// What the command line knows of the terminal.
enum Terminal {
  /// Writes a line to standard output.
  static func print(_ line: String, terminator: String = "\n") {
    StandardOutput.write((line + terminator).utf8)
  }

  /// Writes a line to standard error, after what was printed before.
  static func error(_ line: String) {
    Progress.clear()
    StandardOutput.flush()
    StandardError.write((line + "\n").utf8)
  }

  /// True where standard output is a terminal that shows colours and nobody asked for none.
  static var outputTakesColor: Bool {
    let environment = ProcessInfo.processInfo.environment
    return isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR", default: ""].isEmpty
      && environment["TERM"] != "dumb"
  }

  /// True where standard error is a terminal that can rewrite a line.
  static var errorTakesProgress: Bool {
    isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  static var width: Int { columns(of: STDERR_FILENO) ?? 80 }

  /// The characters in a line of standard output: the terminal's, or `COLUMNS`; nil for any number.
  static var outputWidth: Int? {
    if let width = columns(of: STDOUT_FILENO) { return width }
    return ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) }.map { max(20, $0) }
  }

  private static func columns(of descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return nil }
    return Int(size.ws_col)
  }
}

/// One line on standard error that is rewritten as work goes on, at most ten times a second. Where
/// standard error is no terminal, as in the log of CI, a line for each stage, and for one that takes
/// long another every ten seconds.
enum Progress {
  private struct State {
    var isShown = false
    var last = ContinuousClock.now
    var stage = ""
  }

  private static let state = Mutex(State())
  private static let isLive = Terminal.errorTakesProgress

  /// Shows how far a stage is.
  static func show(_ stage: String, done: Int, total: Int) {
    state.withLock { state in
      let now = ContinuousClock.now
      guard
        now - state.last > (isLive ? .milliseconds(100) : .seconds(10)) || isLive && done == total
      else { return }
      state.last = now
      guard isLive else {
        write("\(stage): \(total > 0 ? 100 * done / total : 100) %\n")
        return
      }
      state.isShown = true
      let width = 20
      let filled = total > 0 ? width * done / total : width
      let bar =
        String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
      write("\r\u{1b}[K[\(bar)] \(done)/\(total) \(stage)".prefix(Terminal.width))
    }
  }

  /// Says that a stage has begun.
  static func begin(_ stage: String) {
    state.withLock { state in
      guard state.stage != stage else { return }
      state.stage = stage
      state.isShown = isLive
      write(isLive ? "\r\u{1b}[K\(stage)".prefix(Terminal.width) : "\(stage)\n")
    }
  }

  /// Takes the line away before something else is printed.
  static func clear() {
    state.withLock { state in
      if state.isShown { write("\r\u{1b}[K") }
      state.isShown = false
    }
  }

  private static func write(_ text: some StringProtocol) {
    StandardError.write(text.utf8)
  }
}
