import Foundation
import Patches
import TestSupport
import Testing

/// Where mails begin, and which files are not there, as git reads it.
@Suite struct MailboxTests {
  private static let section = "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n"

  private static let lines = [
    "From mboxrd@z Thu Jan  1 00:00:00 1970", "From patchwork Fri Jan  5 10:00:01 2024",
    "From a@example.org Fri Jan 5 10:00:01 2024 +0100", "From x Mon Sep 17 00:00:00 90",
    "From x Mon Sep 17 00:00:00 91", "From x 00:00:00 +2001", "From x 00:00:00 -2001",
    "From x 0:00:00 2001", "From x 00:00 2001", "From x 00:00:0 2001",
    "From here on it is 10:00:00",
    "From  00:00:00 2001", "From xx00:00:002001", "From 00:00:00 1999", "From:00:00:00 1999 x",
    ">From mboxrd@z Thu Jan  1 00:00:00 1970", "From now on", "From x 12:34:56 2020 7:8",
    "From x 12:34:56\t2020", "from x 12:34:56 2020", "From x 99:99:99 123456789012345678901234",
  ]

  @Test(arguments: lines)
  func aMailBeginsWhereGitDivides(_ line: String) throws {
    let folder = try TemporaryDirectory(inMemory: true)
    let mail = "From: A <a@example.org>\nSubject: s\n\ntext\n---\n\(Self.section)-- \n2.39.5\n\n"
    let first = "From x Thu Jan  1 00:00:00 1970\n\(mail)"
    try folder.write("box", first + "\(line)\n" + mail)
    let count = try git(["mailsplit", "-o.", "box"], in: folder.path)
    let isDivided = Int(count.trimmingCharacters(in: .whitespacesAndNewlines)) == 2
    #expect(rules(in: first + "\(line)\n" + mail).contains("several-mails") == isDivided)
  }

  /// The rules that a text breaks; none where it is one patch.
  private func rules(in text: String) -> [String] {
    do throws(Diagnostics) {
      _ = try Patch(parsing: Array(text.utf8), name: "box")
      return []
    } catch {
      return error.all.map(\.rule)
    }
  }

  private static let stamps: [String] = {
    let days = ["1969-12-31", "1970-01-01", "1970-01-02", "1969-12-30", "2024-01-01"]
    let times = [
      "00:00:00", "01:00:00", "23:00:00", "19:00:00", "05:30:00", "12:45:00", "00:00:01",
      "24:00:00",
    ]
    let ends = [
      " +0000", ".000000000 +0100", " -0100", " -0500", ".0 +0530", " +12:45", ".000000001 +0000",
      " -00:00",
      "", " +01", " +0100 ", " +2360", ". +0000", " +0060",
    ]
    return days.flatMap { day in times.flatMap { time in ends.map { "\(day) \(time)\($0)" } } }
  }()

  @Test func aFileIsNotThereWhereItsTimeIsTheEpochInItsZone() throws {
    let folder = try TemporaryDirectory(inMemory: true)
    var text = ""
    for (number, stamp) in Self.stamps.enumerated() {
      text +=
        "--- a/f\(number)\t2024-01-01 10:00:00 +0100\n+++ b/f\(number)\t\(stamp)\n@@ -1 +0,0 @@\n-x\n"
    }
    try folder.write("p", text)
    for number in Self.stamps.indices { try folder.write("f\(number)", "x\n") }
    try git(["apply", "p"], in: folder.path)
    let patch = try Patch(parsing: Array(text.utf8), name: "p")
    var gone = 0
    for (file, stamp) in zip(patch.files, Self.stamps) {
      let isGone = folder.read("\(file.path)") == nil
      #expect((file.kind == .delete) == isGone, "\(stamp)")
      gone += isGone ? 1 : 0
    }
    #expect(gone > 5)
  }
}
