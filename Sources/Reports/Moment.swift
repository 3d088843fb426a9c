import Foundation

/// A moment in the zone that it was noted in, as ISO 8601 writes it: `2024-01-31T12:30:00+01:00`.
///
/// - Parameters:
///   - seconds: since 1970-01-01T00:00:00Z.
///   - offset: minutes east of UTC.
public func isoDate(seconds: Int64, offset: Int) -> String {
  let local = Date(timeIntervalSince1970: Double(seconds + Int64(offset) * 60))
  let clock = local.formatted(
    .iso8601.year().month().day().time(includingFractionalSeconds: false)
      .dateTimeSeparator(.standard))
  func two(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number)" }
  let minutes = abs(offset)
  return "\(clock)\(offset < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
}
