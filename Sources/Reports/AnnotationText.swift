import PatchEngine
import Patches

/// A file's lines with the patches that brought them, for a terminal.
public struct AnnotationText {
  private let patches: [String]
  private let subjects: [[UInt8]]
  private let painter: Painter

  /// - Parameters:
  ///   - patches: the stack's patch files in order.
  ///   - subjects: the first lines of their messages.
  public init(patches: [String], subjects: [[UInt8]], _ painter: Painter) {
    (self.patches, self.subjects, self.painter) = (patches, subjects, painter)
  }

  /// The lines, safe to print: patch, line number and text; below them what the numbers stand for.
  ///
  /// - Parameter range: the file's lines that are wanted, counted from 0.
  public func lines(_ annotation: Annotation, _ range: Range<Int>) -> [String] {
    let numberWidth = String(patches.count).count
    let lineWidth = String(range.upperBound).count
    var result = range.map { index in
      let origin = annotation.origins[index]
      let number = (origin.map { "\($0 + 1)" } ?? "").leadingPadding(to: numberWidth)
      let place = "\(index + 1)".leadingPadding(to: lineWidth)
      let content = terminalSafe(keepingTabs: annotation.text[line: index])
      let line = content.isEmpty ? "\(number) \(place)" : "\(number) \(place)  \(content)"
      return origin == nil ? line : painter.good(line)
    }
    let used = Set(range.compactMap { annotation.origins[$0] }).sorted()
    if used.isEmpty { return result + ["", "no patch brought any of these lines"] }
    result.append("")
    for patch in used {
      let number = "\(patch + 1)".leadingPadding(to: numberWidth)
      let subject = terminalSafe(subjects[patch])
      result.append("\(number)  \(terminalSafe(patches[patch]))  \(painter.faint(subject))")
    }
    return result
  }
}

extension String {
  /// The text with spaces before it up to a width in characters.
  func leadingPadding(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
