import Dispatch
import Foundation
import Synchronization

/// Works on some things at once, and gives their results in the order in which they came.
///
/// A class, because the threads that work share it; a lock guards what they share.
final class InOrder<Result: Sendable>: Sendable {
  private struct State {
    /// Results that wait for those before them.
    var waiting: [Int: Result] = [:]
    var next = 0
  }

  private let state = Mutex(State())
  private let slots: DispatchSemaphore
  private let work = DispatchGroup()
  private let give: @Sendable (Result) -> Void

  /// - Parameters:
  ///   - width: how many are worked on at once.
  ///   - give: called with one result after another, never by two threads at once.
  init(width: Int, give: @escaping @Sendable (Result) -> Void) {
    (slots, self.give) = (DispatchSemaphore(value: width), give)
  }

  /// Works on one of them; waits only where as many as may be are under way.
  ///
  /// - Parameter index: its place, counted from 0; none is left out.
  func add(_ index: Int, _ body: @escaping @Sendable () -> Result) {
    slots.wait()
    work.enter()
    DispatchQueue.global().async { [self] in
      finish(index, body())
      slots.signal()
      work.leave()
    }
  }

  /// Waits until nothing is under way.
  func wait() { work.wait() }

  /// Gives a result once it is its turn.
  func finish(_ index: Int, _ result: Result) {
    state.withLock { state in
      state.waiting[index] = result
      while let due = state.waiting.removeValue(forKey: state.next) {
        give(due)
        state.next += 1
      }
    }
  }
}
