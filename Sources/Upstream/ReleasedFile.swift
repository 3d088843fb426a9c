/// A released source archive that an index or a folder of archives has.
struct ReleasedFile: Hashable, Sendable {
  /// Where its bytes are.
  enum Place: Hashable, Sendable {
    /// - Parameter index: The index that names it, as pip's configuration has it.
    case web(WebAddress, index: String)
    /// A file of a folder in pip's `find-links`.
    case folder(String)
  }

  /// `nova-29.4.0.tar.gz`
  let fileName: String
  /// The version as the file's name has it.
  let version: String
  let place: Place
  let digest: String?
  let isYanked: Bool

  /// - Returns: nil for what is no source archive of the project: another project, a wheel, another
  ///   kind of archive, a name with characters that no archive's name has.
  init?(
    project: String, fileName: String, place: Place, digest: String? = nil, isYanked: Bool = false
  ) {
    guard fileName.utf8.count <= 255, fileName.hasSuffix(Self.ending),
      fileName.utf8.allSatisfy(isFileNameByte),
      let version = versionText(in: fileName.dropLast(Self.ending.count), of: project)
    else { return nil }
    self.fileName = fileName
    self.version = version
    self.place = place
    self.digest = digest
    self.isYanked = isYanked
  }

  static let ending = ".tar.gz"

  /// True if the version that is asked for is this one: by PEP 440, or letter for letter.
  func hasVersion(_ asked: String) -> Bool {
    if version == asked { return true }
    guard let asked = ReleaseVersion(asked), let own = ReleaseVersion(version) else { return false }
    return asked.takes(own)
  }
}

extension [ReleasedFile] {
  /// The newest final release; of several files of it the first. What was taken back is none.
  var newest: ReleasedFile? {
    let versions = compactMap { file in
      file.isYanked ? nil : ReleaseVersion(file.version).map { (file: file, version: $0) }
    }
    return versions.filter(\.version.isFinal).max { $0.version < $1.version }?.file
  }

  /// The versions without those that were taken back, each once, oldest first.
  var versions: [String] {
    var seen: Set<String> = []
    return filter { !$0.isYanked && seen.insert($0.version).inserted }
      .compactMap { file in ReleaseVersion(file.version).map { ($0, file.version) } }
      .sorted { $0.0 < $1.0 }.map(\.1)
  }
}

/// A project's name as an index compares it (PEP 503): lower case, one dash for each run of dashes,
/// dots and underscores.
func normalizedProjectName(_ name: some StringProtocol) -> String {
  var normalized = ""
  for character in name.lowercased() {
    let isSeparator = character == "-" || character == "_" || character == "."
    if !isSeparator {
      normalized.append(character)
    } else if normalized.last != "-" {
      normalized.append("-")
    }
  }
  return normalized
}

/// What follows the project's name and a dash; a name may itself have dashes.
private func versionText(in stem: Substring, of project: String) -> String? {
  let wanted = normalizedProjectName(project)
  for dash in stem.indices where stem[dash] == "-" {
    guard normalizedProjectName(stem[..<dash]) == wanted else { continue }
    let version = stem[stem.index(after: dash)...]
    return version.isEmpty ? nil : String(version)
  }
  return nil
}

private func isFileNameByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
    UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "!"):
    true
  default: false
  }
}
