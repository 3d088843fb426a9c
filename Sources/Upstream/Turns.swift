/// Lets those of this process who write to one repository do it one after the other: what one has brought
/// need not come again for the next.
actor Turns {
  private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

  /// Runs the body when nobody else has the turn of that name.
  nonisolated func inTurn<Result>(_ name: String, _ body: () async throws -> Result) async throws
    -> Result
  {
    await begin(name)
    do {
      try Task.checkCancellation()
      let result = try await body()
      await end(name)
      return result
    } catch {
      await end(name)
      throw error
    }
  }

  private func begin(_ name: String) async {
    guard waiting[name] != nil else {
      waiting[name] = []
      return
    }
    await withCheckedContinuation { waiting[name]?.append($0) }
  }

  private func end(_ name: String) {
    guard waiting[name]?.isEmpty == false else {
      waiting[name] = nil
      return
    }
    waiting[name]?.removeFirst().resume()
  }
}
