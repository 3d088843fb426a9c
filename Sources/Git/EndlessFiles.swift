import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Refuses a repository whose files would not end, or would fill the memory: git and libgit2 read these whole
/// and wait for pipes. Links in it are followed, as git does: the repository is one that the user named.
///
/// - Parameter path: a bare repository, or a folder with `.git`; one that is absent is somebody else's message.
/// - Throws: the first that is no regular file, or has more than 256 MiB, and more than a million references
///   that have a file each.
package func refuseEndlessFiles(ofRepository path: String) throws(GitError) {
  var folders = [path]
  var status = stat()
  if stat("\(path)/.git", &status) == 0 {
    guard [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else {
      throw GitError("open repository \(path)", because: "\(path)/.git is no file and no folder")
    }
    folders.append("\(path)/.git")
    if let own = gitFolder(of: path), own != folders[1] { folders.append(own) }
  }
  var index = 0
  while index < folders.count {
    let folder = folders[index]
    index += 1
    for name in readWhole { try refuseEndless("\(folder)/\(name)", of: path) }
    try refuseEndlessReferences(in: folder, of: path)
    // A work tree's own folder names the one that it shares.
    if let common = named("\(folder)/commondir", behind: ""), !folders.contains(common) {
      guard folders.count < 8 else { continue }
      folders.append(common)
    }
  }
}

/// Where a work tree's repository is: `.git` in it, or the folder that this file names.
///
/// - Returns: nil where there is neither.
func gitFolder(of path: String) -> String? {
  var status = stat()
  guard stat("\(path)/.git", &status) == 0 else { return nil }
  guard status.st_mode & S_IFMT == S_IFREG else { return "\(path)/.git" }
  return named("\(path)/.git", behind: "gitdir: ")
}

/// The folder that a file of a repository names, from the folder that the file is in.
private func named(_ file: String, behind label: String) -> String? {
  guard let bytes = try? readFile(file, limit: 4096), bytes.starts(with: label.utf8) else {
    return nil
  }
  let text = String(decoding: bytes.dropFirst(label.utf8.count).prefix { $0 != 10 }, as: UTF8.self)
  guard !text.isEmpty else { return nil }
  let above = file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
  return text.hasPrefix("/") ? text : "\(above.joined(separator: "/"))/\(text)"
}

private func refuseEndless(_ file: String, of path: String) throws(GitError) {
  var status = stat()
  guard stat(file, &status) == 0 else { return }
  guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= 256 << 20 else {
    throw GitError(
      "open repository \(path)", because: "\(file) is no regular file of 256 MiB at most")
  }
}

private func refuseEndlessReferences(in folder: String, of path: String) throws(GitError) {
  var waiting = ["\(folder)/refs"]
  var seen = 0
  while let place = waiting.popLast() {
    for name in namesOf(place) {
      seen += 1
      guard seen <= 1_000_000 else {
        throw GitError(
          "open repository \(path)",
          because: "\(folder)/refs has more than a million files; run git pack-refs there")
      }
      var status = stat()
      let file = "\(place)/\(name)"
      // A folder behind a link could lead round in a circle.
      guard lstat(file, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        waiting.append(file)
      } else {
        try refuseEndless(file, of: path)
      }
    }
  }
}

/// Files of a repository, and of the folder that a work tree shares.
private let readWhole = [
  "HEAD", "config", "config.worktree", "packed-refs", "shallow", "commondir", "gitdir",
  "objects/info/alternates", "info/grafts",
]
