/// A value that a counter has given to something: a dotted number, a revision, a name.
public struct CounterValue: Hashable, Sendable {
  public let bytes: [UInt8]
  /// The numbers between the dots; nil where the value is no dotted number.
  public let numbers: [Int]?

  public init(_ bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
    numbers = Self.numbers(self.bytes)
  }

  public init(_ text: String) {
    self.init(text.utf8)
  }

  init(numbers: [Int]) {
    self.init(numbers.map(String.init).joined(separator: "."))
  }

  private static func numbers(_ bytes: [UInt8]) -> [Int]? {
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    var result: [Int] = []
    for part in parts {
      guard (1...9).contains(part.count) else { return nil }
      var number = 0
      for byte in part {
        guard isDigit(byte) else { return nil }
        number = number * 10 + Int(byte - UInt8(ascii: "0"))
      }
      result.append(number)
    }
    return result
  }

  /// The value that upstream's counter gives next: the last number and one.
  public var next: CounterValue? { stepped(by: 1) }

  /// The value before it; nil where the last number is 0.
  public var previous: CounterValue? { stepped(by: -1) }

  private func stepped(by step: Int) -> CounterValue? {
    guard var numbers, let last = numbers.last, last + step >= 0 else { return nil }
    numbers[numbers.count - 1] = last + step
    return CounterValue(numbers: numbers)
  }
}

extension CounterValue: Comparable {
  /// A total order: dotted numbers first, by their numbers, 2.9 before 2.10; then everything else, by
  /// bytes. Numbers that are equal but written otherwise, 2.9 and 2.09, are told apart by bytes.
  public static func < (left: CounterValue, right: CounterValue) -> Bool {
    switch (left.numbers, right.numbers) {
    case (let one?, let two?) where one != two: one.lexicographicallyPrecedes(two)
    case (.some, nil): true
    case (nil, .some): false
    case (.some, .some), (nil, nil): left.bytes.lexicographicallyPrecedes(right.bytes)
    }
  }
}

extension CounterValue: CustomStringConvertible {
  public var description: String { String(decoding: bytes, as: UTF8.self) }
}

func isDigit(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

func isLetter(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
}

func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
