/// What kolla-build is told: a file of configuration and, where images need more packages, one of blocks
/// for templates.
public struct KollaBuild: Sendable {
  /// One source of an image: a section of kolla-build.conf.
  public struct Source: Sendable, Hashable {
    /// The section's name: `nova-base`, `kerbside-base-plugin-openstacksdk`.
    public let section: String
    /// The archive, as a path below the folder of sources.
    public let file: String

    public init(section: String, file: String) {
      (self.section, self.file) = (section, file)
    }
  }

  public let codename: String
  public let tag: String
  public let namespace: String
  public let sources: [Source]

  public init(codename: String, tag: String, namespace: String, sources: [Source]) {
    (self.codename, self.tag) = (codename, tag)
    (self.namespace, self.sources) = (namespace, sources)
  }

  /// The one distribution that the images are made for.
  public static let base = "debian"

  /// Why images are made for no other distribution.
  public static let reason =
    "Red Hat has removed SPICE from QEMU in its release 9, and so have those that are built from it; the "
    + "stacks are proved on Debian"

  /// kolla-build.conf. Paths are below the folder that kolla-build is started in, so the file is the same
  /// everywhere.
  public var configuration: String {
    var text = """
      [DEFAULT]
      base = \(Self.base)
      base_tag = \(codename)
      tag = \(tag)
      namespace = \(namespace)
      work_dir = work
      summary_json_file = summary.json
      locals_base = sources

      """
    for source in sources.sorted(by: { $0.section < $1.section }) {
      text += "\n[\(source.section)]\ntype = local\nlocation = $locals_base/\(source.file)\n"
    }
    return text
  }

  /// The releases of Debian in which QEMU has SPICE built in; in later ones it is a package of its own.
  private static let builtIn: Set = ["buster", "bullseye", "bookworm"]

  /// The packages that an image needs beside its own, by the image's name.
  public var packages: [(image: String, package: String)] {
    Self.builtIn.contains(codename) ? [] : [("nova-libvirt", "qemu-system-modules-spice")]
  }

  /// Blocks for templates; nil where none are needed.
  public var overrides: String? {
    guard !packages.isEmpty else { return nil }
    let lines = packages.map { image, package in
      "{% set \(image.replacing("-", with: "_"))_packages_append = ['\(package)'] %}"
    }
    return "{% extends parent_template %}\n\n" + lines.joined(separator: "\n") + "\n"
  }

  /// The codename of Debian that a release of Kolla builds on, from its `kolla/common/config.py`.
  ///
  /// - Returns: nil where the file does not say it in the way that Kolla does.
  public static func codename(in configuration: String) -> String? {
    for line in configuration.split(separator: "\n") {
      guard let found = line.firstMatch(of: /'debian': \{'name': 'debian', 'tag': '([a-z]+)/) else {
        continue
      }
      return String(found.1)
    }
    return nil
  }
}

/// What kolla-build said about its run, from the file that it was asked to write.
public struct KollaSummary: Decodable, Sendable {
  public struct Image: Decodable, Sendable, Hashable {
    public let name: String
  }

  public let built: [Image]
  public let failed: [Image]

  private enum CodingKeys: String, CodingKey {
    case built, failed
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    built = try container.decodeIfPresent([Image].self, forKey: .built) ?? []
    failed = try container.decodeIfPresent([Image].self, forKey: .failed) ?? []
  }
}
