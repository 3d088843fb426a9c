import Patches

/// One patch of a stack that is being edited.
public struct EditedPatch: Sendable {
  /// The name without project, release and ending.
  public var name: String
  /// The text with its header. Where `written` is another effect, its sections are of the past.
  public var text: Patch
  /// What the patch does now.
  public var effect: PatchEffect
  /// What the text's sections do; nil where they are only a hint at renames.
  public let written: PatchEffect?
  /// The path below `patches/` that the series lists for it now; nil for a patch that is new.
  public let origin: String?

  public init(
    name: String, text: Patch, effect: PatchEffect, written: PatchEffect?, origin: String? = nil
  ) {
    (self.name, self.text, self.effect, self.written) = (name, text, effect, written)
    self.origin = origin
  }
}

/// Why a patch cannot go where it was asked to: another one changes the same lines.
public struct Obstruction: Error, Hashable, Sendable {
  /// The patch that was to move, and the one in its way.
  public let patch: String
  public let by: String
  /// The files in which they meet.
  public let paths: [RepoPath]
}

/// A stack as its author changes it: patches in order, each with what it does to the files. Nothing
/// is applied to a work tree and nothing is written; every change keeps each patch's effect on the
/// lines that it is about, or is refused with the patch that stands in its way.
public struct EditedStack: Sendable {
  public private(set) var patches: [EditedPatch]

  public init(_ patches: [EditedPatch] = []) {
    self.patches = patches
  }

  /// The place of a patch, counted from 0.
  public func index(of name: String) -> Int? { patches.firstIndex { $0.name == name } }

  /// The entry at a path before a patch; with the number of patches, after the last.
  public func entry(
    at path: RepoPath, before index: Int, over base: BaseTree
  ) throws -> SourceEntry? {
    for patch in patches[..<index].reversed() {
      if let change = patch.effect[path] { return change.after }
    }
    return try base.entry(at: path)
  }

  /// What all patches do together.
  public var effect: PatchEffect {
    patches.reduce(PatchEffect()) { $0.then($1.effect) }
  }

  /// Gives a patch another name, text or header.
  public mutating func replace(at index: Int, _ change: (inout EditedPatch) -> Void) {
    change(&patches[index])
  }

  /// Puts a patch on top.
  public mutating func append(_ patch: EditedPatch) { patches.append(patch) }

  /// Puts a patch among the others; those after it do to the new files what they did to the old.
  ///
  /// - Throws: `Obstruction` where one of those changes the same lines.
  public mutating func insert(
    _ patch: EditedPatch, at index: Int, over base: inout BaseTree
  ) throws {
    var changed = self
    try changed.push(patch.effect, of: patch.name, from: index, over: &base)
    changed.patches.insert(patch, at: index)
    self = changed
  }

  /// Takes a patch away.
  ///
  /// - Throws: `Obstruction` by a later patch that needs it.
  @discardableResult
  public mutating func remove(at index: Int, over base: inout BaseTree) throws -> EditedPatch {
    var changed = self
    let patch = patches[index]
    try changed.push(patch.effect.inverse, of: patch.name, from: index + 1, over: &base)
    changed.patches.remove(at: index)
    self = changed
    return patch
  }

  /// Gives a patch another effect; later ones follow.
  ///
  /// - Throws: `Obstruction` by a later patch that changes what the two effects differ in.
  public mutating func replace(
    at index: Int, effect: PatchEffect, over base: inout BaseTree
  ) throws {
    var changed = self
    let patch = patches[index]
    let difference = patch.effect.inverse.then(effect)
    try changed.push(difference, of: patch.name, from: index + 1, over: &base)
    changed.patches[index].effect = effect
    self = changed
  }

  /// Carries a change of the files through the patches from `index` on.
  private mutating func push(
    _ effect: PatchEffect, of name: String, from index: Int, over base: inout BaseTree
  ) throws {
    var effect = effect
    for place in index..<patches.count {
      let meeting = effect.meeting(patches[place].effect)
      var refused = meeting.nested
      for path in meeting.common {
        guard let mine = effect[path], let other = patches[place].effect[path] else { continue }
        let union = try base.union(base: mine.before, mine.after, other.after)
        guard case .entry(let after) = union else {
          refused.append(path)
          continue
        }
        patches[place].effect[path] = .init(before: mine.after, after: after)
        effect[path] = .init(before: other.after, after: after)
      }
      guard refused.isEmpty else {
        throw Obstruction(patch: name, by: patches[place].name, paths: refused.sorted())
      }
    }
  }

  /// Puts a patch elsewhere in the stack; each patch on the way does to the new files what it did to
  /// the old.
  ///
  /// - Parameter end: the patch's place afterwards.
  /// - Throws: `Obstruction` by the first patch that it cannot pass.
  public mutating func move(from start: Int, to end: Int, over base: inout BaseTree) throws {
    var changed = self
    if start < end {
      for place in start..<end { try changed.swap(at: place, moving: place, over: &base) }
    } else {
      for place in (end..<start).reversed() {
        try changed.swap(at: place, moving: place + 1, over: &base)
      }
    }
    self = changed
  }

  /// Puts the patches in another order. Only pairs whose order changes have to pass each other.
  ///
  /// - Parameters:
  ///   - order: the present place of each patch, in the order that they shall have.
  ///   - moving: the patches that the author moves; the obstructions are the others.
  /// - Throws: `Obstruction` by the first patch that one cannot pass.
  public mutating func arrange(
    _ order: [Int], moving: Set<Int>, over base: inout BaseTree
  ) throws {
    precondition(order.sorted() == Array(patches.indices), "an order has each patch once")
    var rank = Array(repeating: 0, count: order.count)
    for (place, patch) in order.enumerated() { rank[patch] = place }
    var changed = self
    var present = Array(patches.indices)
    for end in present.indices.dropFirst() {
      var place = end
      while place > 0, rank[present[place - 1]] > rank[present[place]] {
        let isFirstMoving = moving.contains(present[place - 1])
        try changed.swap(
          at: place - 1, moving: isFirstMoving ? place - 1 : place, over: &base)
        present.swapAt(place - 1, place)
        place -= 1
      }
    }
    self = changed
  }

  /// Exchanges two neighbours.
  private mutating func swap(
    at index: Int, moving: Int, over base: inout BaseTree
  ) throws {
    let (first, second) = (patches[index], patches[index + 1])
    var (before, after) = (second, first)
    let meeting = first.effect.meeting(second.effect)
    var refused = meeting.nested
    for path in meeting.common {
      guard let one = first.effect[path], let two = second.effect[path] else { continue }
      guard
        case .entry(let middle) = try base.union(base: one.after, one.before, two.after),
        // What both bring would be lost in one of them.
        case .entry(let end) = try base.union(base: one.before, one.after, middle),
        end == two.after
      else {
        refused.append(path)
        continue
      }
      before.effect[path] = .init(before: one.before, after: middle)
      after.effect[path] = .init(before: middle, after: two.after)
    }
    guard refused.isEmpty else {
      let other = moving == index ? second : first
      throw Obstruction(patch: patches[moving].name, by: other.name, paths: refused.sorted())
    }
    patches[index] = before
    patches[index + 1] = after
  }

  /// Makes one patch of two: what one did is then part of the other, which keeps its name and header.
  ///
  /// - Returns: the place of the patch that is left.
  /// - Throws: `Obstruction` by a patch between the two.
  @discardableResult
  public mutating func fold(
    _ index: Int, into target: Int, over base: inout BaseTree
  ) throws -> Int {
    precondition(index != target, "a patch cannot be folded into itself")
    var changed = self
    let left: Int
    if index > target {
      try changed.move(from: index, to: target + 1, over: &base)
      let folded = changed.patches.remove(at: target + 1)
      changed.patches[target].effect = changed.patches[target].effect.then(folded.effect)
      left = target
    } else {
      try changed.move(from: index, to: target - 1, over: &base)
      let folded = changed.patches.remove(at: target - 1)
      left = target - 1
      changed.patches[left].effect = folded.effect.then(changed.patches[left].effect)
    }
    self = changed
    return left
  }

  /// Divides a patch in two: the part goes into a patch of its own behind it, or before it.
  ///
  /// - Parameter part: what the new patch does, from the files before the old one.
  public mutating func split(
    _ index: Int, _ part: EditedPatch, before isBefore: Bool, over base: inout BaseTree
  ) throws {
    var rest = PatchEffect()
    let whole = patches[index].effect
    for (path, change) in whole.changes {
      let middle = part.effect[path]?.after ?? change.before
      let isTouched = part.effect[path] != nil
      rest[path] = .init(before: isTouched ? middle : change.before, after: change.after)
    }
    var changed = self
    changed.patches[index].effect = rest
    changed.patches.insert(part, at: index)
    if !isBefore { try changed.move(from: index, to: index + 1, over: &base) }
    self = changed
  }
}
