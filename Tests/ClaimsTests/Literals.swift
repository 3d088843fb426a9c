import Claims
import Patches
import Testing

/// The microversions of a small Nova, and patches of it.
enum SmallNova {
  static let versionFile = "nova/api/openstack/api_version_request.py"
  static let page = "nova/api/openstack/compute/rest_api_version_history.rst"
  static let sample = "doc/api_samples/versions/v21-version-get-resp.json"
  static let samples = "doc/api_samples/versions/versions-get-resp.json"

  static func versions(_ entries: [(String, String)]) -> String {
    "HISTORY = \"\"\"\n" + entries.map { "    * \($0) - \($1)\n" }.joined()
      + "\"\"\"\n\n_MAX_API_VERSION = '\(entries.last?.0 ?? "")'\nDEFAULT = 1\n"
  }

  /// The counter in a tree with one entry for each number.
  static func upstream(_ entries: [(String, String)]) throws -> UpstreamCounter {
    let path = try RepoPath(versionFile)
    return UpstreamCounter(
      .microversion,
      entries: Counter.microversion.entries(in: path) { Array(versions(entries).utf8) })
  }

  /// A patch that claims a number in all places where it must.
  static func claim(_ number: String, after last: String, text: String) throws -> Patch {
    try patch(
      section(
        versionFile,
        """
        @@ -2,2 +2,3 @@
             * \(last) - x
        +    * \(number) - \(text)
         \"""
        @@ -6,2 +7,2 @@
        -_MAX_API_VERSION = '\(last)'
        +_MAX_API_VERSION = '\(number)'
         DEFAULT = 1
        """)
        + [sample, samples].map { file in
          section(
            file,
            """
            @@ -1,3 +1,3 @@
             {
            -  "version": "\(last)",
            +  "version": "\(number)",
             }
            """)
        }.joined())
  }
}

/// A section of a patch that changes a file.
func section(_ path: String, _ hunks: String) -> String {
  "diff --git a/\(path) b/\(path)\n--- a/\(path)\n+++ b/\(path)\n\(hunks)\n"
}

/// A section that makes a file.
func newFile(_ path: String, _ lines: String...) -> String { newFile(path, lines) }

func newFile(_ path: String, _ lines: [String]) -> String {
  "diff --git a/\(path) b/\(path)\nnew file mode 100644\n--- /dev/null\n+++ b/\(path)\n"
    + "@@ -0,0 +1,\(lines.count) @@\n" + lines.map { "+\($0)\n" }.joined()
}

func patch(_ sections: String, message: String = "") throws -> Patch {
  let header =
    message.isEmpty
    ? ""
    : "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n"
      + "From: A. Author <author@example.org>\nDate: Tue, 14 Nov 2023 22:13:20 +0000\n"
      + "Subject: [PATCH] \(message)\n\n"
  return try Patch(parsing: Array((header + sections).utf8), name: "p.patch")
}

func text(_ bytes: [UInt8]?) -> String { String(decoding: bytes ?? [], as: UTF8.self) }
