/// What the indexes and folders of pip's configuration have of a project.
struct AskedIndexes {
  /// The source archives, in pip's order: folders first, then each index.
  private(set) var files: [ReleasedFile] = []
  /// The places that could not be asked. One that does not know the project is none.
  var failures: [UpstreamError] = []

  /// Adds what one place answered.
  ///
  /// - Parameter read: The content of a file that the program has brought.
  /// - Throws: `IndexPageProblem` for a page that is none.
  mutating func add(
    _ place: IndexAnswer.Place, project: String, read: (String) throws -> [UInt8]
  ) throws {
    switch place.kind {
    case "folder":
      files += (place.names ?? []).compactMap {
        ReleasedFile(project: project, fileName: $0, place: .folder(place.place))
      }
    case "page":
      guard let url = place.url, let address = WebAddress(url), let file = place.file else {
        throw IndexPageProblem(description: "its address is not usable")
      }
      let page = IndexPage(
        body: try read(file), contentType: place.type ?? "", address: address)
      files += try page.links().compactMap { link in
        ReleasedFile(
          project: project, fileName: link.fileName,
          place: .web(link.address, index: place.place), digest: link.digest,
          isYanked: link.isYanked)
      }
    case "absent": break
    default:
      failures.append(
        indexFailure(place.kind, place.reason ?? "", getting: project, from: place.place))
    }
  }
}

/// What the index program is asked: the pages of a project, or one file.
struct IndexRequest: Encodable {
  var project: String?
  var url: String?
  var index: String?
  var path: String?
  /// The most bytes of each file that comes.
  let limit: Int
}

/// What the index program answers.
struct IndexAnswer: Decodable {
  /// One index or folder.
  struct Place: Decodable {
    /// Its address without credentials.
    let place: String
    /// `page`, `folder`, `absent`, or what went wrong.
    let kind: String
    let url: String?
    let type: String?
    let file: String?
    let names: [String]?
    let reason: String?
  }

  let places: [Place]?
  /// What went wrong; nil where all went well.
  let kind: String?
  let reason: String?
}

/// The error for what the index program could not do.
func indexFailure(
  _ kind: String, _ reason: String, getting name: String, from place: String
) -> UpstreamError {
  let git = "take the project from git: --from git"
  let settings = "(pip config list)"
  let message = "\(name) could not be fetched from \(place): \(reason)"
  switch kind {
  case "noPip":
    return UpstreamError(
      .environment, "python3 has no pip, which knows the package indexes",
      hint: "install it (Debian: apt install python3-pip), or \(git)")
  case "otherPip":
    return UpstreamError(
      .environment, "this pip does not work as kerb expects: \(reason)",
      hint: "install another version of pip (20.3 and later are known), or \(git)")
  case "configuration":
    return UpstreamError(
      .environment, "pip could not be set up: \(reason)", hint: "correct pip's settings \(settings)"
    )
  case "address":
    return UpstreamError(
      .environment, message, hint: "use https, or add the host to pip's trusted-host \(settings)")
  case "certificate":
    return UpstreamError(
      .environment, message, hint: "check pip's cert and the machine's clock \(settings)")
  case "denied":
    return UpstreamError(
      .environment, message,
      hint: "pip must reach it without a prompt: check its credentials (netrc, keyring, index-url)")
  case "disk":
    return UpstreamError(
      .environment, message,
      hint: "check the permissions and the space of the temporary folder (TMPDIR)")
  case "tooLarge":
    return UpstreamError(
      .mismatch, "\(name) at \(place) is too large: \(reason) bytes", hint: git)
  case "absent":
    return UpstreamError(
      .notFound, "\(place) names \(name) and does not have it", hint: "run fetch again, or \(git)")
  default:
    return UpstreamError(
      .network, message,
      hint: "check the connection, and pip's index and proxy settings \(settings)")
  }
}
