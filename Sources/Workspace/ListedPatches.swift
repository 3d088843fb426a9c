import Foundation
import Journal
import Patches

extension Workspace {
  /// Refuses a set that takes away a patch which a series outside of it lists, as one does that undoes
  /// an older write. Nothing but the series files is read, so that it can be asked of a workspace whose
  /// other files are broken.
  public static func refuseMissing(after set: FileSet, in root: String) throws(Refusal) {
    let gone = Set(set.contents.filter { $0.value == nil }.map { "\($0.key)" })
    let changed = Set(set.paths.map(\.description))
    let files = WorkspaceFiles(root: root)
    for file in ((try? files.names(in: "series")) ?? []).map({ "series/\($0)" })
    where file != lockName && !changed.contains(file) {
      guard let bytes = try? files.read(file, limit: Series.maximumSize)
      else { continue }
      let listed = Series.paths(in: bytes).map { "patches/\($0)" }
      guard let path = listed.first(where: gone.contains) else { continue }
      throw Refusal(
        "\(file) lists \(path), which would be removed; undo what came after it first, or take the "
          + "patch out of that series")
    }
  }
}
