import Patches

/// What stacks and stopped runs should come to, by git's merges.
struct MoveModel: Equatable {
  struct Patch: Equatable {
    var name: String
    /// The tree after it.
    var tree: ModelTree
  }

  struct Stack: Equatable {
    /// The locked tree.
    var base: ModelTree
    var patches: [Patch]

    /// The tree after all patches.
    var top: ModelTree { patches.last?.tree ?? base }

    func before(_ index: Int) -> ModelTree { index == 0 ? base : patches[index - 1].tree }
  }

  /// A patch on its way: what it was made on and what it made of that.
  struct Source: Equatable {
    let name: String
    let before: ModelTree
    let after: ModelTree
    /// Another text of it, which the resulting stack has already.
    var own: (before: ModelTree, after: ModelTree)?

    static func == (left: Source, right: Source) -> Bool {
      left.name == right.name && left.before == right.before && left.after == right.after
    }
  }

  /// A run that has stopped.
  struct Stop: Equatable {
    let onto: ModelTree
    let sources: [Source]
    /// The patches that are through and are in the stack.
    var done: [Patch]
    /// The one that it has stopped at.
    var index: Int
    /// True where resolvers have a word: what is done is not the model's to say.
    var isLoose: Bool

    var tip: ModelTree { done.last?.tree ?? onto }
  }

  var stacks: [StackKey: Stack]
  var stops: [StackKey: Stop] = [:]

  /// A stack's patches as a rebase takes them.
  func sources(_ key: StackKey) -> [Source] {
    guard let stack = stacks[key] else { return [] }
    return stack.patches.enumerated().map { index, patch in
      Source(name: patch.name, before: stack.before(index), after: patch.tree)
    }
  }

  /// Goes on with a run until it is through or stops.
  mutating func advance(_ key: StackKey, _ run: Stop, _ oracle: MoveOracle) throws {
    var run = run
    while run.index < run.sources.count {
      let source = run.sources[run.index]
      var next: ModelTree?
      if let own = source.own {
        let picked = try oracle.pick(base: own.before, ours: run.tip, theirs: own.after)
        if picked.isClean { next = picked.tree }
      }
      if next == nil {
        let picked = try oracle.pick(base: source.before, ours: run.tip, theirs: source.after)
        guard picked.isClean else {
          stops[key] = run
          return
        }
        next = picked.tree
      }
      if let next, next != run.tip { run.done.append(Patch(name: source.name, tree: next)) }
      run.index += 1
    }
    stops[key] = nil
    stacks[key] = Stack(base: run.onto, patches: run.done)
  }

  /// What the patch that a run has stopped at makes of the tree, in git's words.
  func conflict(_ key: StackKey, _ oracle: MoveOracle) throws -> MoveOracle.Merged? {
    guard let run = stops[key] else { return nil }
    let source = run.sources[run.index]
    return try oracle.pick(base: source.before, ours: run.tip, theirs: source.after)
  }
}
