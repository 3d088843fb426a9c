import Foundation
import Images
import TestSupport
import Testing

/// Archives, as GNU tar reads them.
@Suite struct TarArchiveTests {
  private func archive() -> TarArchive {
    var archive = TarArchive(time: 1_700_000_000)
    archive.add(directory: Array("top".utf8))
    archive.add(file: Array("top/a".utf8), Array("one\n".utf8), isExecutable: false)
    archive.add(file: Array("top/tool".utf8), [UInt8](repeating: 7, count: 512), isExecutable: true)
    archive.add(file: Array("top/empty".utf8), [], isExecutable: false)
    archive.add(link: Array("top/link".utf8), to: Array("a".utf8))
    return archive
  }

  private func tar(_ arguments: [String], _ content: [UInt8]) throws -> Outcome {
    try run(
      "/bin/tar", arguments, in: "/", input: content,
      environment: ["LC_ALL": "C", "TZ": "UTC", "PATH": "/bin:/usr/bin"])
  }

  @Test(arguments: [-1, 9_999_999_999]) func aDateThatTheFieldDoesNotHoldIsTheNearest(
    time: Int64
  ) throws {
    var archive = TarArchive(time: time)
    archive.add(file: Array("a".utf8), [], isExecutable: false)
    #expect(try tar(["-tf", "-"], archive.content).text == "a")
  }

  @Test func tarListsWhatIsInIt() throws {
    let listed = try tar(["-tv", "--full-time", "-f", "-"], archive().content)
    #expect(listed.status == 0)
    #expect(listed.errors == "")
    #expect(
      listed.text == """
        drwxr-xr-x root/root         0 2023-11-14 22:13:20 top/
        -rw-r--r-- root/root         4 2023-11-14 22:13:20 top/a
        -rwxr-xr-x root/root       512 2023-11-14 22:13:20 top/tool
        -rw-r--r-- root/root         0 2023-11-14 22:13:20 top/empty
        lrwxrwxrwx root/root         0 2023-11-14 22:13:20 top/link -> a
        """)
  }

  @Test func gzipGivesTheArchiveBack() throws {
    let content = archive().content
    let folder = try TemporaryDirectory()
    try folder.write("a.gz", gzipped(content))
    let outcome = try run(
      "/bin/gzip", ["-dc", folder.file("a.gz")], in: "/", environment: ["PATH": "/bin:/usr/bin"])
    #expect(outcome.output == content)
    // Neither a name nor a time is in it.
    #expect(gzipped(content)[3..<8].elementsEqual([0, 0, 0, 0, 0]))
  }

  @Test(arguments: [99, 100, 101, 150, 255, 256, 257, 400])
  func longNamesStayWhole(length: Int) throws {
    var path = "d"
    while path.utf8.count + 51 < length { path += "/" + String(repeating: "n", count: 49) }
    path += "/" + String(repeating: "m", count: length - path.utf8.count - 1)
    var archive = TarArchive(time: 0)
    archive.add(file: Array(path.utf8), Array("x".utf8), isExecutable: false)
    archive.add(link: Array("l".utf8), to: Array(path.utf8))
    #expect(try tar(["-tf", "-"], archive.content).text == "\(path)\nl")
    #expect(try tar(["-xOf", "-", path], archive.content).text == "x")
    #expect(try tar(["-tvf", "-", "l"], archive.content).text.hasSuffix("l -> \(path)"))
  }

  @Test func aNameWithoutAPlaceToDivideStaysWhole() throws {
    let name = String(repeating: "n", count: 240)
    var archive = TarArchive(time: 0)
    archive.add(file: Array(name.utf8), [], isExecutable: false)
    archive.add(directory: Array(name.utf8) + Array("2".utf8))
    #expect(try tar(["-tf", "-"], archive.content).text == "\(name)\n\(name)2/")
  }

  @Test func theSameFilesGiveTheSameBytes() {
    #expect(archive().content == archive().content)
    #expect(
      sha256(Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}
