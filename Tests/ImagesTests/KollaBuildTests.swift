import Foundation
import Images
import Testing

/// What kolla-build is told, and what it says.
@Suite struct KollaBuildTests {
  private func build(_ codename: String) -> KollaBuild {
    KollaBuild(
      codename: codename, tag: "2024.1-debian-\(codename)-spice", namespace: "kolla",
      sources: [
        .init(section: "nova-base", file: "nova-1+spice.2.tar.gz"),
        .init(section: "kerbside-base-plugin-openstacksdk", file: "openstacksdk-3.tar.gz"),
      ])
  }

  @Test func theConfigurationNamesEachArchiveBelowItsFolder() {
    #expect(
      build("bookworm").configuration == """
        [DEFAULT]
        base = debian
        base_tag = bookworm
        tag = 2024.1-debian-bookworm-spice
        namespace = kolla
        work_dir = work
        summary_json_file = summary.json
        locals_base = sources

        [kerbside-base-plugin-openstacksdk]
        type = local
        location = $locals_base/openstacksdk-3.tar.gz

        [nova-base]
        type = local
        location = $locals_base/nova-1+spice.2.tar.gz

        """)
  }

  @Test(arguments: ["bullseye", "bookworm"])
  func whereQEMUHasSPICENoPackageIsNeeded(codename: String) {
    #expect(build(codename).packages.isEmpty)
    #expect(build(codename).overrides == nil)
  }

  @Test func fromTrixieOnSPICEIsAPackageOfItsOwn() {
    #expect(build("trixie").packages.map(\.package) == ["qemu-system-modules-spice"])
    #expect(
      build("trixie").overrides == """
        {% extends parent_template %}

        {% set nova_libvirt_packages_append = ['qemu-system-modules-spice'] %}

        """)
  }

  @Test func theCodenameIsKollas() {
    let text =
      "X = {\n    'centos': {'name': 'c', 'tag': 'stream9'},\n    'debian': {'name': 'debian', 'tag': 'bookworm'},\n}\n"
    #expect(KollaBuild.codename(in: text) == "bookworm")
    #expect(KollaBuild.codename(in: "'debian': 'Debian GNU/Linux 12 (bookworm)'") == nil)
  }

  @Test func theSummaryNamesWhatWasBuiltAndWhatWasNot() throws {
    let text =
      #"{"built": [{"name": "base"}], "failed": [{"name": "nova-api", "status": "error"}], "skipped": []}"#
    let summary = try JSONDecoder().decode(KollaSummary.self, from: Data(text.utf8))
    #expect(summary.built.map(\.name) == ["base"])
    #expect(summary.failed.map(\.name) == ["nova-api"])
    #expect(try JSONDecoder().decode(KollaSummary.self, from: Data("{}".utf8)).built.isEmpty)
  }
}
