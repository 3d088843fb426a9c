/// The text with the user name and password of every address in it shown as `***`:
/// `https://***@example.org/simple`. A token that stands as user name alone goes as well; the user
/// of an `ssh` address without a password stays, as it is a name and no secret.
///
/// For everything that a message, a report or a log may quote.
///
/// - Complexity: O(length of the text).
public func withoutCredentials(_ text: String) -> String {
  let bytes = Array(text.utf8)
  guard bytes.contains(at) else { return text }
  var shown: [UInt8] = []
  shown.reserveCapacity(bytes.count)
  for word in bytes.split(
    maxSplits: .max, omittingEmptySubsequences: false, whereSeparator: isBlank)
  {
    appendWithoutCredentials(word, to: &shown)
    if word.endIndex < bytes.endIndex { shown.append(bytes[word.endIndex]) }
  }
  return String(decoding: shown, as: UTF8.self)
}

private func appendWithoutCredentials(_ word: ArraySlice<UInt8>, to shown: inout [UInt8]) {
  guard let last = word.lastIndex(of: at) else {
    shown += word
    return
  }
  var copied = word.startIndex
  var index = word.startIndex
  while index + 2 < last {
    guard word[index...].starts(with: mark) else {
      index += 1
      continue
    }
    let start = index + mark.count
    let scheme = word[copied..<index].suffix(while: isLetter)
    index = start
    guard let end = endOfUser(word, from: start, last: last, scheme: scheme) else { continue }
    shown += word[copied..<start] + [star, star, star]
    copied = end
    index = end
  }
  shown += word[copied...]
}

/// Where the `@` behind an address's user is; nil if there is nothing to hide.
private func endOfUser(
  _ word: ArraySlice<UInt8>, from start: Int, last: Int, scheme: ArraySlice<UInt8>
) -> Int? {
  let end = word[start...].firstIndex { endsAuthority($0) } ?? word.endIndex
  let authority = word[start..<end]
  if let sign = authority.lastIndex(of: at) {
    let user = word[start..<sign]
    let isName = scheme.elementsEqual(Array("ssh".utf8)) && !user.contains(colon)
    return user.isEmpty || isName ? nil : sign
  }
  // A password with a slash of its own: behind the colon of a host stands a number.
  guard authority.first != UInt8(ascii: "["), let sign = authority.firstIndex(of: colon),
    !authority[(sign + 1)...].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
  else { return nil }
  return last
}

private let at = UInt8(ascii: "@")
private let colon = UInt8(ascii: ":")
private let star = UInt8(ascii: "*")
private let mark = Array("://".utf8)

private func isBlank(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == 0x7f }

private func endsAuthority(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "\\"),
    UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"):
    true
  default: false
  }
}

extension ArraySlice {
  /// The longest part at the end whose elements are all so.
  fileprivate func suffix(while isSo: (Element) -> Bool) -> ArraySlice {
    self[(lastIndex { !isSo($0) }.map { $0 + 1 } ?? startIndex)...]
  }
}
