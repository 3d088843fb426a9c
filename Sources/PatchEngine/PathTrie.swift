import Patches

/// Numbers for paths and for every directory above them, so that one walk along a path finds what is
/// known of those above it.
///
/// - Complexity: O(length of the path) for a look-up, however deep it is.
struct PathTrie {
  private struct Step: Hashable {
    let above: Int
    let name: ArraySlice<UInt8>
  }

  private var steps: [Step: Int] = [:]
  /// The directory above each number; -1 above the top. Numbers grow downwards.
  private var aboves: [Int] = [-1]
  /// How many steps were taken.
  private(set) var work = 0

  /// How many numbers are given.
  var count: Int { aboves.count }

  /// The number of a path; those above it get theirs too.
  mutating func number(of path: RepoPath) -> Int {
    var place = 0
    for name in path.components {
      let step = Step(above: place, name: name)
      work += 1
      if let known = steps[step] {
        place = known
      } else {
        aboves.append(place)
        place = aboves.count - 1
        steps[step] = place
      }
    }
    return place
  }

  /// The number of some bytes that are a path; nil where it has none.
  func known(_ path: [UInt8]) -> Int? {
    var place = 0
    for name in path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      guard let next = steps[Step(above: place, name: name)] else { return nil }
      place = next
    }
    return place
  }

  /// The number of the directory above; nil at the top.
  func above(_ number: Int) -> Int? {
    let above = aboves[number]
    return above > 0 ? above : nil
  }
}
