import ArgumentParser
import Foundation
import Journal
import Reports
import Workspace

/// What the command line gives to the journal.
enum Journalling {
  /// The command line, the time, and standard error. The time is `SOURCE_DATE_EPOCH` where that is
  /// set, so that a run can be repeated to the byte.
  static let caller = Caller(
    words: CommandLine.arguments.dropFirst().joined(separator: " "),
    clock: {
      ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"].flatMap { Int64($0) }
        ?? Journal.systemClock()
    },
    notice: { Terminal.error("kerb: \(terminalSafe("\($0)"))") })
}

/// The lease of a command that reads the workspace; it ends with the process at the latest.
enum Reading {
  private static nonisolated(unsafe) var lease: ReadingLease?

  static func begin(_ new: ReadingLease?) { lease = new }

  /// Lets others write again; what is read from here on may be of another set.
  static func end() { lease = nil }
}

extension JournalError {
  /// Files that changed are findings; another kerb at work, and a disk that refuses, are not.
  var exitCode: ExitCode {
    switch self {
    case .changed, .stateChanged: .findings
    case .nothing: .badInput
    case .busy, .unfinished, .foreign: .environment
    }
  }
}
