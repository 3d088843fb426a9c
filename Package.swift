// swift-tools-version: 6.2
import PackageDescription

/// Pure targets: no I/O, no clock, no Foundation; the compiler watches unsafe constructs.
let pure: [SwiftSetting] = [.strictMemorySafety(), .treatAllWarnings(as: .error)]

let package = Package(
  name: "kerb",
  platforms: [.macOS(.v26)],
  products: [.executable(name: "kerb", targets: ["kerb"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/onevcat/Rainbow", from: "4.2.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CLibgit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev", "zlib1g-dev"])]),
    .systemLibrary(
      name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(
      name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .target(name: "Patches", swiftSettings: pure),
    .target(name: "PatchEngine", dependencies: ["Patches"], swiftSettings: pure),
    .target(name: "Claims", dependencies: ["PatchEngine", "Patches"], swiftSettings: pure),
    .target(
      name: "Git",
      dependencies: [
        "CLibgit2", "CDeflate", "Patches", .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .target(
      name: "Processes",
      dependencies: [
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .target(
      name: "Upstream",
      dependencies: [
        "CArchive", "Git", "Patches", "Processes",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .target(
      name: "Images",
      dependencies: ["CDeflate", .product(name: "Crypto", package: "swift-crypto")]),
    .target(name: "Journal", dependencies: ["Git", "Patches"]),
    .target(name: "Reports", dependencies: ["Claims", "Patches", "PatchEngine", "Rainbow"]),
    .target(
      name: "Workspace",
      dependencies: [
        "CYaml", "Claims", "Git", "Images", "Journal", "PatchEngine", "Patches", "Processes",
        "Upstream",
      ]),
    .executableTarget(
      name: "kerb",
      dependencies: [
        "Claims", "Git", "Images", "Journal", "PatchEngine", "Patches", "Processes", "Reports",
        "Upstream", "Workspace",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .target(
      name: "TestSupport", dependencies: ["Patches", "PatchEngine", "Git", "Processes"],
      path: "Tests/TestSupport"),
    .testTarget(name: "PatchesTests", dependencies: ["Patches", "TestSupport"]),
    .testTarget(
      name: "PatchEngineTests", dependencies: ["Git", "PatchEngine", "Patches", "TestSupport"]),
    .testTarget(
      name: "WorkspaceTests",
      dependencies: [
        "Claims", "Git", "Journal", "PatchEngine", "Patches", "TestSupport", "Workspace",
      ]),
    .testTarget(name: "ImagesTests", dependencies: ["Images", "TestSupport"]),
    .testTarget(name: "ReportsTests", dependencies: ["PatchEngine", "Patches", "Reports"]),
    .testTarget(name: "ClaimsTests", dependencies: ["Claims", "Patches", "TestSupport"]),
    .executableTarget(
      name: "JournalDriver", dependencies: ["Journal", "Patches"], path: "Tests/JournalDriver"),
    .testTarget(
      name: "JournalTests",
      dependencies: ["Git", "Journal", "JournalDriver", "Patches", "TestSupport"]),
    .testTarget(name: "GitTests", dependencies: ["Git", "PatchEngine", "Patches", "TestSupport"]),
    .testTarget(
      name: "UpstreamTests",
      dependencies: ["Git", "Patches", "Processes", "Upstream", "TestSupport"]),
    .testTarget(
      name: "OracleTests",
      dependencies: ["Git", "PatchEngine", "Patches", "Reports", "TestSupport", "Workspace"]),
    .testTarget(name: "HostileTests", dependencies: ["Patches", "Workspace", "TestSupport"]),
    .testTarget(
      name: "TranscriptTests", dependencies: ["TestSupport"], exclude: ["Transcripts"]),
  ],
  swiftLanguageModes: [.v6]
)
