import PatchEngine
import Rainbow

/// Colours text, or leaves it.
public struct Painter: Sendable {
  private let isOn: Bool

  public init(_ isOn: Bool) {
    self.isOn = isOn
  }

  public func good(_ text: String) -> String { paint(text, .green) }
  public func bad(_ text: String) -> String { paint(text, .red) }
  public func notable(_ text: String) -> String { paint(text, .yellow) }
  public func faint(_ text: String) -> String { paint(text, .lightBlack) }

  /// An outcome's text in the colour of its kind.
  public func outcome(_ outcome: Outcome, _ text: String) -> String {
    switch outcome {
    case .clean, .landed: good(text)
    case .moved, .merged, .resolved: notable(text)
    case .partlyLanded, .conflicted, .blocked: bad(text)
    }
  }

  private func paint(_ text: String, _ color: NamedColor) -> String {
    guard isOn else { return text }
    return "\u{1b}[\(color.rawValue)m\(text)\u{1b}[0m"
  }
}
