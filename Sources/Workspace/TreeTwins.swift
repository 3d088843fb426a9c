import Git
import Patches

/// Refuses a tree that cannot be put on a disk as it is: two entries of one name, or something below a
/// file or link, which whoever unpacks it would follow. git makes no such trees. A folder
/// counts as a link's name also in letters of the other case: there are disks that take them so.
///
/// - Throws: `Refusal` that names the path.
func refuseTwins(_ files: [(path: RepoPath, entry: TreeEntry)], in stack: StackName) throws(Refusal)
{
  var names: Set<[UInt8]> = []
  var links: Set<[UInt8]> = []
  for (path, entry) in files {
    guard names.insert(path.bytes).inserted else {
      throw Refusal("\(stack): \(path): the upstream tree has two entries of this name")
    }
    if entry.mode == .symlink { links.insert(path.bytes.map(lowercased)) }
  }
  var seen: Set<RepoPath> = []
  for (path, _) in files {
    var above = path.parent
    while let folder = above, seen.insert(folder).inserted {
      guard !names.contains(folder.bytes), !links.contains(folder.bytes.map(lowercased)) else {
        throw Refusal(
          "\(stack): \(path): the upstream tree has a file or link \(folder) and a folder of this name"
        )
      }
      above = folder.parent
    }
  }
}
