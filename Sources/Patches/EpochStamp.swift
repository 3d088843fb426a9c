/// Reads the time behind the name on a `---` or `+++` line, with which GNU diff says that a file is not there
/// (`has_epoch_timestamp` in git's apply.c): the moment 0, in whatever zone, on the day that it is there.
///
/// - Parameter line: the line without its newline.
/// - Returns: false for every other time, and for none.
func hasEpochStamp(_ line: ArraySlice<UInt8>) -> Bool {
  guard let tab = line.lastIndex(of: UInt8(ascii: "\t")) else { return false }
  var stamp = Stamp(rest: line[(tab + 1)...])
  let dayOfEpoch: Int
  if stamp.take("1969-12-31 ") {
    dayOfEpoch = 24
  } else if stamp.take("1970-01-01 ") {
    dayOfEpoch = 0
  } else {
    return false
  }
  guard let hour = stamp.digits(first: 2), stamp.take(":"), let minute = stamp.digits(first: 5),
    stamp.take(":00")
  else { return false }
  if stamp.take(".") { guard stamp.zeros() else { return false } }
  guard stamp.take(" ") else { return false }
  let isWest = stamp.take("-")
  guard isWest || stamp.take("+"), let zoneHours = stamp.digits(first: 2) else { return false }
  _ = stamp.take(":")
  guard let zoneMinutes = stamp.digits(first: 5), stamp.rest.isEmpty else { return false }
  let zone = zoneHours * 60 + zoneMinutes
  return hour * 60 + minute - (isWest ? -zone : zone) == dayOfEpoch * 60
}

private struct Stamp {
  var rest: ArraySlice<UInt8>

  mutating func take(_ text: String) -> Bool {
    let count = text.utf8.count
    guard rest.prefix(count).elementsEqual(text.utf8) else { return false }
    rest = rest.dropFirst(count)
    return true
  }

  /// Two digits, of which the first is this one at the most.
  mutating func digits(first most: UInt8) -> Int? {
    guard rest.count >= 2 else { return nil }
    let pair = rest.prefix(2).map { $0 &- UInt8(ascii: "0") }
    guard pair[0] <= most, pair[1] <= 9 else { return nil }
    rest = rest.dropFirst(2)
    return Int(pair[0]) * 10 + Int(pair[1])
  }

  /// One zero or more.
  mutating func zeros() -> Bool {
    let others = rest.drop { $0 == UInt8(ascii: "0") }
    guard others.startIndex > rest.startIndex else { return false }
    rest = others
    return true
  }
}
