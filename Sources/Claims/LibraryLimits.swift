/// The versions in lines `NAME==VERSION`, as pip's constraints have them, by library.
public func libraryLimits(_ bytes: [UInt8]) -> [[UInt8]: CounterValue] {
  let pattern: LinePattern = "{identity}=={value}"
  var result: [[UInt8]: CounterValue] = [:]
  for line in lines(of: bytes) {
    guard let match = pattern.match(line.content),
      let name = match.bytes(.identity, of: line.content),
      let value = match.bytes(.value, of: line.content)
    else { continue }
    result[normalized(name)] = CounterValue(value)
  }
  return result
}
