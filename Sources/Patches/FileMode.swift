/// What a tree entry is: the modes that a patch may set, and those that a tree may also hold.
public enum FileMode: Hashable, Sendable {
  /// An ordinary file, 100644. Old histories also hold 100664; see `TreeEntry.rawMode`.
  case regular
  /// A file with its executable bit set, 100755.
  case executable
  /// A symbolic link, 120000; its content is the target.
  case symlink
  /// A commit of another repository, 160000.
  case gitlink
  /// A directory, 040000.
  case tree

  /// The mode for a raw mode word of a tree entry, read as git reads it.
  public init(raw: UInt32) {
    switch raw & 0o170000 {
    case 0o040000: self = .tree
    case 0o120000: self = .symlink
    case 0o160000: self = .gitlink
    default: self = raw & 0o100 != 0 ? .executable : .regular
    }
  }

  /// The mode word as tree objects hold it.
  public var raw: UInt32 {
    switch self {
    case .regular: 0o100644
    case .executable: 0o100755
    case .symlink: 0o120000
    case .gitlink: 0o160000
    case .tree: 0o040000
    }
  }

  /// True for a regular or executable file.
  public var isFile: Bool { self == .regular || self == .executable }

  /// Six octal digits, as patches print a mode.
  public var digits: String {
    switch self {
    case .regular: "100644"
    case .executable: "100755"
    case .symlink: "120000"
    case .gitlink: "160000"
    case .tree: "040000"
    }
  }
}
