import Foundation
import Patches

@testable import Journal
@testable import Reports
@testable import Workspace

/// `kerb.yaml`.
func readConfiguration(_ bytes: [UInt8]) {
  let read = reading { () throws(Diagnostics) in
    try Configuration(parsing: bytes, file: "kerb.yaml")
  }
  guard let read else { return }
  expect(!read.projects.isEmpty && !read.releases.isEmpty, "nothing is configured")
  for project in read.projects {
    expect(isProjectName(project.name), "a project without a name")
    if let git = project.git { try! checkRepositoryAddress(git) }
    for version in project.versions.values {
      expect(isProjectName(version), "a version that is no name")
    }
    expect(project.verify.allSatisfy { !$0.command.isEmpty }, "a command without a program")
  }
}

/// `.kerb/stopped/STACK.json`.
func readStopped(_ bytes: [UInt8]) {
  guard let state = StoppedMove(parsing: bytes) else { return }
  guard let again = StoppedMove(parsing: state.encoded) else {
    fatalError("the state cannot be read again")
  }
  expect(again.encoded == state.encoded, "written differently")
  expect(!state.file.isEmpty && state.name.description == again.name.description)
  expect(state.done.allSatisfy { $0.renamed.allSatisfy { $0.count == 2 } }, "no pair")
  expect(state.done.allSatisfy { $0.stale.allSatisfy { !$0.isEmpty } }, "no file")
}

/// `.kerb/proofs/STACK.json`.
func readProofs(_ bytes: [UInt8]) {
  guard let read = try? JSONDecoder().decode(ProofResults.self, from: Data(bytes)),
    let written = try? JSONEncoder().encode(read)
  else { return }
  let again = try? JSONDecoder().decode(ProofResults.self, from: written)
  expect(again?.results == read.results, "other results")
}

/// A file of the memory of resolutions.
func readResolution(_ bytes: [UInt8]) {
  guard let read = Resolution(parsing: bytes) else { return }
  let again = Resolution(parsing: read.formatted)
  expect(again?.formatted == read.formatted, "written differently")
  expect(
    again?.path == read.path && again?.key == read.key && again?.text == read.text,
    "another resolution")
  expect(Resolution.name(of: read.key).utf8.count >= 6, "no name")
}

/// `.kerb/journal/prepared`.
func readManifest(_ bytes: [UInt8]) {
  guard let read = Manifest(parsing: bytes) else { return }
  expect(Manifest(parsing: read.bytes) == read, "another manifest")
}

/// The message of a commit of the log of operations.
func readOperation(_ bytes: [UInt8]) {
  guard let read = OperationMessage(parsing: bytes) else { return }
  let written = OperationMessage(
    number: read.number, words: read.words, note: read.note, kind: read.kind)
  guard let again = OperationMessage(parsing: written.bytes) else {
    fatalError("the message cannot be read again")
  }
  expect(again.number == read.number && again.note == read.note, "another message")
  expect(again.words == written.words, "other words")
}

/// An older page of `kerb report --html`.
func readReport(_ bytes: [UInt8]) {
  guard let read = ReportState(page: bytes) else { return }
  expect(ReportState(page: Array(read.element.utf8)) == read, "another state")
}
