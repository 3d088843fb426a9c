extension AuthorDate {
  /// A date as mails write it: `Mon, 1 Jan 2024 12:30:00 +0100`, the day of the week optional.
  ///
  /// - Returns: nil where the text is not of that form or names no real date.
  public init?(mail text: String) {
    var fields = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    if fields.first?.hasSuffix(",") == true { fields.removeFirst() }
    guard fields.count >= 5, let day = decimal(fields[0], 1...31),
      let month = monthNumber(fields[1]),
      let year = decimal(fields[2], 1900...9999)
    else { return nil }
    self.init(year, month, day, time: fields[3], zone: fields[4])
  }

  /// A date as `git show` writes it: `Mon Jan 1 12:30:00 2024 +0100`.
  ///
  /// - Returns: nil where the text is not of that form or names no real date.
  public init?(show text: String) {
    let fields = text.split(separator: " ").map(String.init)
    guard fields.count == 6, let month = monthNumber(fields[1]),
      let day = decimal(fields[2], 1...31),
      let year = decimal(fields[4], 1900...9999)
    else { return nil }
    self.init(year, month, day, time: fields[3], zone: fields[5])
  }

  private init?(_ year: Int, _ month: Int, _ day: Int, time: String, zone: String) {
    let parts = time.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard day <= daysIn(month, year), parts.count == 2 || parts.count == 3,
      let hour = decimal(parts[0], 0...23),
      let minute = decimal(parts[1], 0...59),
      let second = parts.count == 3 ? decimal(parts[2], 0...60) : 0, let offset = zoneOffset(zone)
    else { return nil }
    let clock = Int64(hour * 3600 + minute * 60 + second)
    self.init(
      seconds: daysFromEpoch(year, month, day) * 86_400 + clock - Int64(offset) * 60,
      offset: offset)
  }
}

private func decimal(_ text: String, _ range: ClosedRange<Int>) -> Int? {
  guard (1...4).contains(text.utf8.count),
    text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
    let value = Int(text), range.contains(value)
  else { return nil }
  return value
}

private func monthNumber(_ name: String) -> Int? {
  let names = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  return names.firstIndex(of: name).map { $0 + 1 }
}

private func daysIn(_ month: Int, _ year: Int) -> Int {
  switch month {
  case 4, 6, 9, 11: 30
  case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
  default: 31
  }
}

/// Minutes east of UTC of `+0130`, `-0800`, `GMT`, `UTC` or `Z`.
private func zoneOffset(_ zone: String) -> Int? {
  if ["GMT", "UTC", "UT", "Z"].contains(zone) { return 0 }
  guard zone.utf8.count == 5, let sign = zone.first, sign == "+" || sign == "-",
    let hours = decimal(String(zone.dropFirst().prefix(2)), 0...23),
    let minutes = decimal(String(zone.suffix(2)), 0...59)
  else { return nil }
  return (sign == "-" ? -1 : 1) * (hours * 60 + minutes)
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant's `days_from_civil`).
private func daysFromEpoch(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
  let shifted = month <= 2 ? year - 1 : year
  let era = shifted / 400
  let yearOfEra = shifted - era * 400
  let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
  return Int64(era * 146_097 + dayOfEra - 719_468)
}
