import Patches

extension FileChange {
  /// The change between two versions of a file as a section with binary data: the new content whole,
  /// and the old one, so that it can be taken back.
  static func binary(
    _ old: FileVersion?, _ new: FileVersion?, at path: RepoPath, source: RepoPath?, isCopy: Bool,
    deflate: ([UInt8]) -> [UInt8]
  ) -> FileChange {
    func block(_ version: FileVersion?) -> BinaryBlock {
      let bytes = version?.text.bytes ?? []
      return BinaryBlock(method: .literal, size: bytes.count, deflated: deflate(bytes), line: 0)
    }
    let kind: Kind =
      if old == nil {
        .create
      } else if new == nil {
        .delete
      } else if let source {
        isCopy ? .copy(from: source, similarity: nil) : .rename(from: source, similarity: nil)
      } else {
        .modify
      }
    return FileChange(
      path, kind, oldMode: old?.mode, newMode: new?.mode,
      index: IndexLine(old?.id ?? .zero, new?.id ?? .zero),
      content: .binary(block(new), reverse: block(isCopy ? nil : old)))
  }
}
