import Claims
import Foundation
import Git
import PatchEngine
import Patches
import TestSupport
import Testing

@testable import Workspace

/// Each counter on real trees: a stack that collides there, and one that does not.
@Suite(.enabled(if: Clones.folder != nil)) struct RealCounterTests {
  /// How the claims of a patch that is made on one tree stand on others.
  private func standings(
    _ counter: Counter, _ project: String, made base: String, on targets: String...,
    limits: [[UInt8]: CounterValue] = [:],
    edits: (path: String, edit: (String) -> String)...
  ) throws -> [String] {
    let repository = try Clones.open(project)
    let patches = try edits.map { try repository.patch(at: base, $0) }
    let before = try repository.upstreamCounter(counter, inTree: try repository.tree(of: base))
    try #require(before.isThere)
    let claims = StackClaims(counter, of: patches, base: before)
    try #require(!claims.claims.isEmpty)
    return try targets.map { revision in
      let name = revision == "latest" ? repository.latest : revision
      let target = try repository.upstreamCounter(counter, inTree: try repository.tree(of: name))
      let verdict = CounterVerdict(claims, base: before, target: target, limits: limits)
      return verdict.claims.map { judged in
        switch judged.standing {
        case .landed(let entry) where entry.value != judged.claim.value: "landed as \(entry.value)"
        case .free, .landed, .collision, .gap, .behind: judged.standing.name
        }
      }.joined(separator: ", ")
    }
  }

  private func counter(_ name: String) throws -> Counter {
    try #require(Counter.builtIn.first { $0.name == name })
  }

  private func replacing(_ old: String, _ new: String) -> (String) -> String {
    { $0.replacing(old, with: new) }
  }

  @Test func theTableOfReleases() throws {
    let repository = try Clones.open("nova")
    let table = try [
      "27.5.1", "28.3.1", "29.4.0", "30.0.0", "31.0.0", "32.0.0", "33.0.0", "latest",
    ]
    .map { release -> String in
      let name = release == "latest" ? repository.latest : release
      let found = try repository.upstreamCounter(
        .microversion, inTree: try repository.tree(of: name))
      let most = try #require(found.maximum(of: []))
      return "\(release) \(most)/\(try #require(most.next))"
    }
    #expect(
      table == [
        "27.5.1 2.95/2.96", "28.3.1 2.95/2.96", "29.4.0 2.96/2.97", "30.0.0 2.96/2.97",
        "31.0.0 2.100/2.101", "32.0.0 2.100/2.101", "33.0.0 2.103/2.104", "latest 2.104/2.105",
      ])
  }

  @Test func versionsOfObjects() throws {
    let hashes = "nova/tests/unit/objects/test_objects.py"
    func props(_ version: String) -> (String) -> String {
      {
        $0.replacing(#/'ImageMetaProps': '[^']*'/#, with: "'ImageMetaProps': '\(version)-0123abcd'")
      }
    }
    #expect(
      try standings(
        try counter("object-version"), "nova", made: "29.4.0", on: "29.4.0", "30.0.0", "31.3.1",
        "33.0.2", edits: (hashes, props("1.38"))) == [
          "free", "collision", "collision", "collision",
        ])
    // Sound took 1.39 where upstream gave it to a network card.
    #expect(
      try standings(
        try counter("object-version"), "nova", made: "29.4.0", on: "29.4.0", "31.3.1",
        edits: (hashes, props("1.38")), (hashes, props("1.39"))) == [
          "free, free", "collision, collision",
        ])
    let token = "'ConsoleAuthToken': '1.3-64803f4ab6b1bf92af587bbf21793390'"
    #expect(
      try standings(
        try counter("object-version"), "nova", made: "29.4.0", on: "29.4.0", "31.3.1",
        edits: (hashes, { $0.replacing(#/'ConsoleAuthToken': '[^']*'/#, with: token) })) == [
          "free", "landed",
        ])
  }

  @Test func versionsOfNotifications() throws {
    let hashes = "nova/tests/unit/notifications/objects/test_notification.py"
    func payload(_ version: String) -> (String) -> String {
      {
        $0.replacing(
          #/'ImageMetaPropsPayload': '[^']*'/#,
          with: "'ImageMetaPropsPayload': '\(version)-0123abcd'")
      }
    }
    #expect(
      try standings(
        try counter("notification-version"), "nova", made: "29.4.0", on: "29.4.0", "33.0.2",
        edits: (hashes, payload("1.14"))) == ["free", "behind"])
    #expect(
      try standings(
        try counter("notification-version"), "nova", made: "29.4.0", on: "31.3.1",
        edits: (hashes, payload("1.15"))) == ["collision"])
  }

  @Test func revisionsOfTheDatabase() throws {
    func revision(_ name: String, after parent: String) -> (path: String, edit: (String) -> String)
    {
      (
        "nova/db/main/migrations/versions/\(name)_tls_port.py",
        { _ in "revision = '\(name)'\ndown_revision = '\(parent)'\nbranch_labels = None\n" }
      )
    }
    let migrations = try counter("migration")
    let repository = try Clones.open("nova")
    let old = try repository.upstreamCounter(
      migrations, inTree: try repository.tree(of: "29.4.0"))
    let head = try #require(
      old.heads.first { value in
        old.entries.contains { $0.value == value && $0.identity == Array("main".utf8) }
      })
    // Another stack's own revision: upstream goes on from the same one.
    #expect(
      try standings(
        migrations, "nova", made: "29.4.0", on: "29.4.0", "31.3.1",
        edits: revision("0123456789ab", after: "\(head)")) == ["free", "behind"])
    // The dangerous one: upstream's id after another revision; alembic skips what lies between.
    #expect(
      try standings(
        migrations, "nova", made: "29.4.0", on: "29.4.0", "31.3.1",
        edits: revision("2903cd72dc14", after: "\(head)")) == ["free", "collision"])
    #expect(
      try standings(
        migrations, "nova", made: "29.4.0", on: "31.3.1",
        edits: revision("2903cd72dc14", after: "d60bddf7a903")) == ["landed"])
  }

  @Test func theVersionOfServices() throws {
    #expect(
      try standings(
        try counter("service-version"), "nova", made: "29.4.0", on: "29.4.0", "30.0.0", "31.3.1",
        edits: (
          "nova/objects/service.py",
          { text in
            text.replacing("\nSERVICE_VERSION = 67\n", with: "\nSERVICE_VERSION = 68\n")
              .replacing(
                "    {'compute_rpc': '6.3'},\n)",
                with: "    {'compute_rpc': '6.3'},\n    # Version 68: Direct consoles\n"
                  + "    {'compute_rpc': '6.3'},\n)")
          }
        )) == ["free", "free", "collision"])
  }

  @Test func versionsOfInterfaces() throws {
    #expect(
      try standings(
        try counter("rpc-version"), "nova", made: "29.4.0", on: "29.4.0", "31.3.1", "33.0.2",
        edits: (
          "nova/compute/manager.py",
          replacing("Target(version='6.3')", "Target(version='6.4')")
        )) == ["free", "collision", "collision"])
    #expect(
      try standings(
        try counter("rpc-version"), "nova", made: "29.4.0", on: "29.4.0", "33.0.2",
        edits: (
          "nova/conductor/manager.py",
          replacing("'compute_task', version='1.25'", "'compute_task', version='1.26'")
        )) == ["free", "collision"])
    #expect(
      try standings(
        try counter("rpc-version"), "nova", made: "29.4.0", on: "29.4.0", "33.0.2",
        edits: (
          "nova/scheduler/manager.py",
          replacing("Target(version='4.5')", "Target(version='4.6')")
        )) == ["free", "free"])
  }

  @Test func userIDs() throws {
    func user(_ id: Int) -> (path: String, edit: (String) -> String) {
      (
        "kolla/common/users.py",
        {
          $0.replacing(
            "USERS = {\n",
            with:
              "USERS = {\n    'kerbside-user': {\n        'uid': \(id),\n        'gid': \(id),\n    },\n"
          )
        }
      )
    }
    #expect(
      try standings(
        try counter("user-id"), "kolla", made: "18.8.0", on: "18.8.0", "latest", edits: user(42493))
        == ["free", "collision"])
    #expect(
      try standings(
        try counter("user-id"), "kolla", made: "18.8.0", on: "18.8.0", "latest", edits: user(42495))
        == ["free", "landed"])
    #expect(
      try standings(
        try counter("user-id"), "kolla", made: "18.8.0", on: "latest", edits: user(42499)) == [
          "landed as 42495"
        ])
  }

  @Test func namesOfImagesSourcesAndProfiles() throws {
    let image = "docker/kerbside/kerbside-api/Dockerfile.j2"
    #expect(
      try standings(
        try counter("image"), "kolla", made: "18.8.0", on: "18.8.0", "latest",
        edits: (image, { _ in "FROM x\n" })) == ["free", "collision"])
    #expect(
      try standings(
        try counter("source"), "kolla", made: "18.8.0", on: "18.8.0", "latest",
        edits: (
          "kolla/common/sources.py",
          replacing(
            "SOURCES = {\n", "SOURCES = {\n    'kerbside-base': {\n        'type': 'url'},\n")
        )) == ["free", "collision"])
    #expect(
      try standings(
        try counter("profile"), "kolla", made: "18.8.0", on: "18.8.0",
        edits: (
          "kolla/common/config.py",
          replacing(
            "_PROFILE_OPTS = [\n", "_PROFILE_OPTS = [\n    cfg.ListOpt('consoles',\n    ),\n")
        )) == ["free"])
    let repository = try Clones.open("kolla")
    let profiles = try counter("profile")
    let tree = try repository.upstreamCounter(profiles, inTree: try repository.tree(of: "18.8.0"))
    let again = try repository.patch(
      at: "18.8.0",
      (
        "kolla/common/config.py",
        replacing("_PROFILE_OPTS = [\n", "_PROFILE_OPTS = [\n    cfg.ListOpt('aux',\n    ),\n")
      ))
    let verdict = CounterVerdict(
      StackClaims(profiles, of: [again], base: tree), base: tree, target: tree)
    #expect(verdict.claims.map(\.standing.name) == ["collision"])
  }

  @Test func ports() throws {
    func port(_ number: Int) -> (path: String, edit: (String) -> String) {
      (
        "ansible/group_vars/all.yml",
        {
          $0.replacing("\ndatabase_port:", with: "\nkerbside_port: \"\(number)\"\n\ndatabase_port:")
        }
      )
    }
    #expect(
      try standings(
        try counter("port"), "kolla-ansible", made: "16.7.0", on: "16.7.0", "18.8.0", "latest",
        edits: port(9608)) == ["free", "collision", "collision"])
    #expect(
      try standings(
        try counter("port"), "kolla-ansible", made: "16.7.0", on: "16.7.0", "18.8.0", "latest",
        edits: port(13002), port(5898)) == ["free, free", "free, free", "free, free"])
  }

  @Test func idsOfReleaseNotes() throws {
    func note(_ slug: String, _ id: String) -> (path: String, edit: (String) -> String) {
      ("releasenotes/notes/\(slug)-\(id).yaml", { _ in "---\n" })
    }
    let id = "4bee40633633c971"
    #expect(
      try standings(
        try counter("release-note"), "nova", made: "29.4.0", on: "29.4.0", "31.3.1",
        edits: note("my-consoles", id)) == ["free", "collision"])
    #expect(
      try standings(
        try counter("release-note"), "nova", made: "29.4.0", on: "29.4.0", "31.3.1",
        edits: note("spice-direct-consoles", id)) == ["free", "landed"])
    #expect(
      try standings(
        try counter("release-note"), "nova", made: "29.4.0", on: "29.4.0", "31.3.1",
        edits: note("spice-direct-consoles", "0123456789abcdef")) == ["free", "landed as \(id)"])
  }

  @Test func novaclientsMaximum() throws {
    let edit = replacing("APIVersion(\"2.95\")", "APIVersion(\"2.96\")")
    #expect(
      try standings(
        try counter("client-maximum"), "python-novaclient", made: "18.4.0", on: "18.4.0", "18.6.0",
        edits: ("novaclient/__init__.py", edit)) == ["free", "collision"])
  }

  @Test func leastVersionsOfLibraries() throws {
    let pins = "\(testsFolder)/Verify/pins/nova-2024.1.txt"
    let limits = libraryLimits(Array(try Data(contentsOf: URL(filePath: pins))))
    func floor(
      _ library: String, _ version: String
    ) -> (path: String, edit: (String) -> String) {
      (
        "requirements.txt",
        { text in
          text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasPrefix("\(library)>=") ? "\(library)>=\(version)" : String(line)
          }.joined(separator: "\n")
        }
      )
    }
    let floors = try counter("library-floor")
    #expect(
      try standings(
        floors, "nova", made: "29.4.0", on: "29.4.0", limits: limits,
        edits: floor("os-traits", "3.4.0"), floor("os-vif", "3.5.0")) == ["gap, free"])
    #expect(
      try standings(
        floors, "nova", made: "27.5.1", on: "27.5.1", "29.4.0", edits: floor("os-traits", "3.0.0"))
        == ["free", "landed"])
  }
}
