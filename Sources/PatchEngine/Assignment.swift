/// What it costs to give each of some columns to each of as many rows.
public struct CostMatrix: Sendable {
  /// The number of columns, and of rows.
  public let size: Int
  private var costs: [Int32]

  /// A matrix of zeros.
  public init(size: Int) {
    self.size = size
    costs = Array(repeating: 0, count: size * size)
  }

  public subscript(column: Int, row: Int) -> Int {
    get { Int(costs[column + size * row]) }
    set { costs[column + size * row] = Int32(clamping: newValue) }
  }
}

/// Gives each column a row of its own so that the sum of the costs is least, by shortest augmenting
/// paths (R. Jonker and A. Volgenant, "A shortest augmenting path algorithm for dense and sparse linear
/// assignment problems", Computing 38, 1987). The steps are in git's order, so that of several
/// assignments with that sum it is the one that git finds; git's own code (linear-assignment.c in 2.39)
/// leaves a column without a row where the free one is not the last that it has looked at.
///
/// - Returns: the row of each column.
/// - Complexity: O(size³) at worst; most matrices take far less.
public func leastCostAssignment(_ costs: CostMatrix) -> [Int] {
  guard costs.size > 1 else { return Array(repeating: 0, count: costs.size) }
  var search = AssignmentSearch(costs)
  search.reduceColumns()
  search.transferReduction()
  if !search.freeRows.isEmpty {
    search.reduceRows()
    search.reduceRows()
    for row in search.freeRows { search.augment(from: row) }
  }
  return search.rows
}

/// An assignment that grows; a row or column that has no partner yet has -1.
private struct AssignmentSearch {
  private let costs: CostMatrix
  /// The row of each column, and the column of each row.
  private(set) var rows: [Int]
  private var columns: [Int]
  /// The price of each column: what it costs less is kept for those who want it more.
  private var prices: [Int]
  private(set) var freeRows: [Int] = []
  /// Rows that were the cheapest of several columns.
  private var isContested: [Bool]

  init(_ costs: CostMatrix) {
    self.costs = costs
    rows = Array(repeating: -1, count: costs.size)
    columns = Array(repeating: -1, count: costs.size)
    prices = Array(repeating: 0, count: costs.size)
    isContested = Array(repeating: false, count: costs.size)
  }

  private var indices: Range<Int> { 0..<costs.size }

  private func reduced(_ column: Int, _ row: Int) -> Int { costs[column, row] - prices[column] }

  private mutating func join(_ column: Int, _ row: Int) {
    rows[column] = row
    columns[row] = column
  }

  /// Gives each column, from the last to the first, its cheapest row if that is free.
  mutating func reduceColumns() {
    for column in indices.reversed() {
      var cheapest = 0
      for row in indices.dropFirst() where costs[column, cheapest] > costs[column, row] {
        cheapest = row
      }
      prices[column] = costs[column, cheapest]
      if columns[cheapest] < 0 {
        join(column, cheapest)
      } else {
        isContested[cheapest] = true
      }
    }
  }

  /// Lowers the price of a column whose row nobody else wants by what the row's next best costs more.
  mutating func transferReduction() {
    for row in indices {
      let own = columns[row]
      if own < 0 {
        freeRows.append(row)
      } else if !isContested[row] {
        var next = Int.max
        for column in indices where column != own { next = min(next, reduced(column, row)) }
        prices[own] -= next
      }
    }
  }

  /// The two columns that cost a row least, the second with what it costs.
  private func bestColumns(of row: Int) -> (first: Int, least: Int, second: Int, next: Int) {
    var (first, least) = (0, reduced(0, row))
    var (second, next) = (-1, Int.max)
    for column in indices.dropFirst() {
      let cost = reduced(column, row)
      guard cost < next else { continue }
      if least < cost {
        (second, next) = (column, cost)
      } else {
        (second, next) = (first, least)
        (first, least) = (column, cost)
      }
    }
    return (first, least, second, next)
  }

  /// Gives each free row its cheapest column, and takes that from the row that had it.
  mutating func reduceRows() {
    var waiting = freeRows
    var left: [Int] = []
    var position = 0
    while position < waiting.count {
      let row = waiting[position]
      position += 1
      let best = bestColumns(of: row)
      var column = best.first
      var loser = rows[column]
      if best.least < best.next {
        prices[column] -= best.next - best.least
      } else if loser >= 0, best.second >= 0 {
        column = best.second
        loser = rows[column]
      }
      if loser >= 0 {
        columns[loser] = -1
        if best.least < best.next {
          position -= 1
          waiting[position] = loser
        } else {
          left.append(loser)
        }
      }
      join(column, row)
    }
    freeRows = left
  }

  /// Finds the cheapest way to a free column that moves other rows to their next best, and goes it.
  mutating func augment(from start: Int) {
    var distances = indices.map { reduced($0, start) }
    var before = Array(repeating: start, count: costs.size)
    // Columns up to `done` have their distance, those up to `near` are as near as any that is left.
    var order = Array(indices)
    var (done, near) = (0, 0)
    var last = 0
    var least = 0
    var end = -1
    search: while true {
      last = done
      least = distances[order[near]]
      near += 1
      for place in near..<max(near, order.count) {
        let column = order[place]
        guard distances[column] <= least else { continue }
        if distances[column] < least {
          near = done
          least = distances[column]
        }
        order.swapAt(place, near)
        near += 1
      }
      if let free = order[done..<near].first(where: { rows[$0] < 0 }) {
        end = free
        break search
      }
      while done < near {
        let nearest = order[done]
        done += 1
        let row = rows[nearest]
        let step = reduced(nearest, row) - least
        for place in near..<max(near, order.count) {
          let column = order[place]
          let distance = reduced(column, row) - step
          guard distance < distances[column] else { continue }
          distances[column] = distance
          before[column] = row
          guard distance == least else { continue }
          if rows[column] < 0 {
            end = column
            break search
          }
          order.swapAt(place, near)
          near += 1
        }
      }
    }
    for column in order[..<last] { prices[column] += distances[column] - least }
    follow(before, from: end, to: start)
  }

  private mutating func follow(_ before: [Int], from end: Int, to start: Int) {
    var column = end
    while true {
      let row = before[column]
      let previous = columns[row]
      join(column, row)
      if row == start { return }
      column = previous
    }
  }
}
