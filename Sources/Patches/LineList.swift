/// The lines of a series while others come between them.
///
/// - Complexity: O(1) for each line.
struct LineList {
  /// The lines as they came, those that were inserted last.
  private(set) var lines: [[UInt8]] = []
  /// The last entry of the project that is changed.
  var endOfProject: Int?
  /// The line behind each; behind the last and behind those that nothing follows it is -1.
  private var following: [Int] = []
  private var first = -1
  /// How many lines were appended.
  private var count = 0
  /// For each line that of the file which it stands behind.
  private var origin: [Int] = []
  /// The line of each entry, by its path.
  private var places: [String: Int] = [:]

  /// The line that was appended last.
  var last: Int { count - 1 }

  /// Adds a line of the file, all of which come before any is inserted.
  mutating func append(_ line: [UInt8], as paths: [String] = []) {
    if count == 0 { first = 0 } else { following[count - 1] = count }
    for path in paths { places[path] = count }
    lines.append(line)
    following.append(-1)
    origin.append(count)
    count += 1
  }

  /// Adds an entry behind another, at the project's end where there is no other, or before the last
  /// line, which is empty.
  mutating func insert(_ path: String, after: String?) {
    let anchor = after.flatMap { places[$0] } ?? endOfProject ?? count - 2
    let new = lines.count
    lines.append(Array(path.utf8))
    origin.append(anchor < 0 ? -1 : origin[anchor])
    if anchor < 0 {
      following.append(first)
      first = new
    } else {
      following.append(following[anchor])
      following[anchor] = new
    }
    places[path] = new
    // Lines behind one of the file come before the next of the file.
    if endOfProject.map({ $0 == anchor || origin[$0] < origin[new] }) ?? true {
      endOfProject = new
    }
  }

  var inOrder: [[UInt8]] {
    var result: [[UInt8]] = []
    var line = first
    while line >= 0 {
      result.append(lines[line])
      line = following[line]
    }
    return result
  }
}
