import ArgumentParser
import Foundation
import Journal
import Reports
import Workspace

/// What the command line gives to the journal.
enum Journalling {
  /// The command line without the program, as the log shows it.
  static let words = CommandLine.arguments.dropFirst().joined(separator: " ")

  /// The time for the log: `SOURCE_DATE_EPOCH` where it is set, so that a run can be repeated to the
  /// byte.
  static let clock: @Sendable () -> Int64 = {
    ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"].flatMap { Int64($0) }
      ?? Journal.systemClock()
  }

  /// Says on standard error what the journal waits for or found.
  static let show: @Sendable (Notice) -> Void = { notice in
    Terminal.error("kerb: \(terminalSafe("\(notice)"))")
  }
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
    case .busy, .unfinished: .environment
    }
  }
}
