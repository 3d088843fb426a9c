extension Counter {
  /// The counters that OpenStack's projects have, microversions first.
  public static let builtIn: [Counter] = [
    microversion, clientMaximum, objects, notifications, migrations, services, rpc, users, images,
    sources,
    profiles, ports, notes, floors,
  ]

  /// Nova's API microversions. Every bump of upstream's changes the constant, the text of the history
  /// in the same file, and two samples; nearly every one the page of the history.
  public static let microversion = Counter(
    "microversion", title: "API microversion", order: .ascending,
    readings: [
      Reading(
        "constant", .maximum, files: versionFile,
        lines: ["_MAX_API_VERSION = {quote}{value}{quote}"], isRequired: true),
      Reading(
        "history entry", .entry, files: versionFile, lines: ["* {value} - {fingerprint}"],
        extent: .indented, isRequired: true),
      Reading(
        "title of the history", .entry,
        files: "nova/api/openstack/compute/rest_api_version_history.rst",
        lines: [".. _microversion {value}:"], extent: .section),
      Reading(
        "version sample", .maximum, files: "doc/api_samples/versions/v21-version-get-resp.json",
        lines: [#""version": "{value}","#], isRequired: true),
      Reading(
        "versions sample", .maximum, files: "doc/api_samples/versions/versions-get-resp.json",
        lines: [#""version": "{value}","#], isRequired: true),
      Reading("sample", .mention, files: "doc/api_samples/{}/v{value}/{name}"),
      Reading(
        "sample's template", .mention,
        files: "nova/tests/functional/api_sample_tests/api_samples/{}/v{value}/{name}"),
      Reading(
        "decorator", .mention, files: "nova/api/openstack/{}.py",
        lines: [
          "@wsgi.{}api_version({quote}{value}{quote}",
          "@validation.{}, {quote}{value}{quote})",
          "@validation.{}, {quote}{value}{quote}, {quote}",
        ]),
      Reading(
        "version check", .mention, files: "nova/{}.py",
        lines: ["{}is_supported({}{quote}{value}{quote}"]),
      Reading(
        "schema", .mention, files: "nova/api/openstack/compute/schemas/{}.py",
        lines: ["{}_v{value:joined} ="]),
      Reading(
        "test's microversion", .mention, files: "nova/tests/{}.py",
        lines: [
          "microversion = {quote}{value}{quote}", "wsgi_api_version = {quote}{value}{quote}",
          "scenarios = [({quote}v{value:joined}{quote}",
        ]),
    ], clients: ["python-novaclient", "openstacksdk", "python-openstackclient"])

  /// True for the API microversions, as kerb knows them or `kerb.yaml` changes them.
  public var isMicroversion: Bool { name == Self.microversion.name }

  private static let versionFile: LinePattern = "nova/api/openstack/api_version_request.py"

  /// The greatest microversion that novaclient asks for; it ends at 2.96 upstream.
  public static let clientMaximum = Counter(
    "client-maximum", title: "maximum of novaclient", order: .ascending,
    readings: [
      Reading(
        "constant", .maximum, files: "novaclient/__init__.py",
        lines: ["API_MAX_VERSION = api_versions.APIVersion({quote}{value}{quote})"]),
      Reading(
        "list of versions without commands", .entry,
        files: "novaclient/tests/unit/v2/test_shell.py", lines: ["{value:minor},"]),
    ])

  /// Versioned objects: a version for each, with a hash of its fields.
  static let objects = Counter(
    "object-version", title: "version of an object", order: .ascending,
    readings: [
      Reading(
        "hash", .maximum, files: "nova/tests/unit/objects/test_objects.py",
        lines: ["{quote}{identity:word}{quote}: {quote}{value}-{fingerprint:hex}{quote}"]),
      Reading(
        "history entry", .entry, files: "nova/objects/{name}.py",
        lines: ["class {identity:word}(", "# Version {value}: {fingerprint}"]),
    ])

  /// Payloads of notifications, counted as objects are.
  static let notifications = Counter(
    "notification-version", title: "version of a notification", order: .ascending,
    readings: [
      Reading(
        "hash", .maximum, files: "nova/tests/unit/notifications/objects/test_notification.py",
        lines: ["{quote}{identity:word}{quote}: {quote}{value}-{fingerprint:hex}{quote}"])
    ])

  /// Revisions of the databases: a chain for each.
  static let migrations = Counter(
    "migration", title: "database revision", order: .chain,
    readings: [
      Reading(
        "revision", .entry, files: "nova/db/{identity:word}/migrations/versions/{name}.py",
        lines: [
          "revision = {quote}{value:hex}{quote}", "down_revision = {quote}{fingerprint:hex}{quote}",
        ])
    ])

  /// The version of Nova's services.
  static let services = Counter(
    "service-version", title: "service version", order: .ascending,
    readings: [
      Reading(
        "constant", .maximum, files: "nova/objects/service.py",
        lines: ["SERVICE_VERSION = {value:number}{end}"], isRequired: true),
      Reading(
        "history entry", .entry, files: "nova/objects/service.py",
        lines: ["# Version {value:number}: {fingerprint}"]),
    ])

  /// The interfaces between services, by service or namespace.
  static let rpc = Counter(
    "rpc-version", title: "RPC version", order: .ascending,
    readings: [
      Reading(
        "target", .maximum, files: "nova/{identity:word}/manager.py",
        lines: [
          "target = messaging.Target(version={quote}{value}{quote}",
          "target = messaging.Target(namespace={quote}{identity:word}{quote}, version={quote}{value}",
        ]),
      Reading(
        "history entry", .entry, files: "nova/{identity:word}/rpcapi.py",
        lines: ["* {value} - {fingerprint}"]),
    ])

  /// The user ids of Kolla's images: whoever changes one changes the owner of every volume.
  static let users = Counter(
    "user-id", title: "user id", order: .unique,
    readings: [
      Reading(
        "user", .entry, files: "kolla/common/users.py",
        lines: ["{quote}{identity:word}{quote}: {{{end}", "{quote}uid{quote}: {value:number}"])
    ])

  /// The names of Kolla's images, by their folders.
  static let images = Counter(
    "image", title: "image", order: .unique,
    readings: [
      Reading("image", .entry, files: "docker/{}/{value:name}/Dockerfile.j2"),
      Reading("image", .entry, files: "kolla/docker/{}/{value:name}/Dockerfile.j2"),
    ])

  /// The names of what Kolla builds images from, which are sections of its configuration.
  static let sources = Counter(
    "source", title: "source of an image", order: .unique,
    readings: [
      Reading(
        "source", .entry, files: "kolla/common/sources.py",
        lines: ["{quote}{value:word}{quote}: {{{end}"])
    ])

  /// The names of Kolla's build profiles.
  static let profiles = Counter(
    "profile", title: "build profile", order: .unique,
    readings: [
      Reading(
        "profile", .entry, files: "kolla/common/config.py",
        lines: ["cfg.ListOpt({quote}{value:word}{quote},{end}"])
    ])

  /// The ports of Kolla-Ansible's services.
  static let ports = Counter(
    "port", title: "port", order: .unique,
    readings: [
      Reading(
        "variable", .entry, files: "ansible/group_vars/{}.yml",
        lines: [#"{identity:word}: "{value:number}"{end}"#])
    ])

  /// The ids at the end of release notes' names, which reno wants to be unique over all branches.
  static let notes = Counter(
    "release-note", title: "id of a release note", order: .unique,
    readings: [
      Reading("release note", .entry, files: "releasenotes/notes/{identity}-{value:hex16}.yaml")
    ])

  /// The least versions of libraries.
  static let floors = Counter(
    "library-floor", title: "least version of a library", order: .floor,
    readings: [
      Reading(
        "requirement", .entry, files: "requirements.txt", lines: ["{identity}>={value}"])
    ])
}

extension LinePattern: ExpressibleByStringLiteral {
  /// - Precondition: the literal is a pattern.
  public init(stringLiteral text: String) {
    do throws(Problem) {
      try self.init(text)
    } catch {
      preconditionFailure("\(text): \(error)")
    }
  }
}
