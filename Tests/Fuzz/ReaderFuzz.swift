import Foundation
import Patches
import Reports

/// The readers of text that a stranger can write, by the names that READER gives. Each has a folder of
/// seeds with its name.
private let readers: [String: @Sendable ([UInt8]) -> Void] = [
  "commit": readCommit,
  "config": readConfiguration,
  "conflicts": readConflicts,
  "counter": readCounter,
  "delta": readDelta,
  "index": readIndex,
  "lock": readLock,
  "mail": readMail,
  "manifest": readManifest,
  "name": readName,
  "operation": readOperation,
  "patch": readPatch,
  "pkg-info": readMetadata,
  "proofs": readProofs,
  "report": readReport,
  "resolution": readResolution,
  "series": readSeries,
  "stopped": readStopped,
  "store": readStore,
  "summary": readSummary, "index-page": readIndexPage,
]

private let reader: @Sendable ([UInt8]) -> Void = {
  let name = ProcessInfo.processInfo.environment["READER"] ?? ""
  guard let reader = readers[name] else {
    fatalError("READER is one of \(readers.keys.sorted().joined(separator: ", "))")
  }
  return reader
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  reader(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

/// Ends the run where something does not hold. A precondition of optimised code would not say what.
func expect(_ holds: Bool, _ message: String = "a property does not hold") {
  if !holds { fatalError(message) }
}

/// What is read; nil where it is refused, with messages that are good.
func reading<Value>(_ read: () throws(Diagnostics) -> Value) -> Value? {
  do throws(Diagnostics) {
    return try read()
  } catch {
    check(error.all)
    return nil
  }
}

/// Findings as a terminal shows them: of one line each, and nothing in them acts.
func check(_ findings: [Diagnostic]) {
  for finding in findings.prefix(100) { checkShown("\(finding)") }
}

/// A text from the input as a terminal shows it.
func checkShown(_ text: String) {
  let isSafe = terminalSafe(text).utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
  expect(isSafe, "a control character in a message")
}
