import ArgumentParser
import Foundation
import Git
import PatchEngine
import Patches
import Reports
import Synchronization
import Workspace

/// `kerb replay --batch`: a job a line in, a result a line out, in order.
///
/// A job may also say how conflicts are to be ended: `"resolve"` is `none` (the default), `sure` or
/// `eager`, `"siblings"` are earlier ports of the commit, and `"human"` is the tree that a person made
/// of it: the result is compared with it, and later jobs remember its resolutions.
struct Batch {
  private let memory = LearnedResolutions()
  /// The longest job, in bytes: 16 MiB.
  private static let longestJob = 16 << 20

  let replayer: Replayer

  /// Runs until standard input ends. A job that cannot be read or run gives a result with `error`,
  /// and the batch goes on. Jobs that neither write nor teach run side by side.
  ///
  /// - Throws: exit code 2 if some job could not be read.
  func run() throws {
    let isClean = Mutex(true)
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let results = InOrder<(line: String, isError: Bool)>(width: max(1, cores)) { result in
      if result.isError { isClean.withLock { $0 = false } }
      Terminal.print(result.line)
      StandardOutput.flush()
    }
    var count = 0
    while !StandardOutput.isLost, let line = readLine(strippingNewline: true) {
      if line.isEmpty { continue }
      let index = count
      count += 1
      switch job(of: line) {
      case .failure(let form): results.finish(index, (json(form, pretty: false), true))
      case .success(let job) where job.standsAlone:
        results.add(index) { [self] in self.line(of: job) }
      case .success(let job):
        results.wait()
        results.finish(index, self.line(of: job))
      }
    }
    results.wait()
    guard count > 0 else { throw UsageError("--batch got no job on standard input") }
    if !isClean.withLock({ $0 }) { throw ExitCode.badInput }
  }

  private func line(of job: JobForm) -> (line: String, isError: Bool) {
    let form = result(of: job)
    return (json(form, pretty: false), form.error != nil)
  }

  /// What the job leaves open by the merge alone, beside what a person made of it.
  private func compare(_ job: JobForm, with human: String) throws -> HumanForm {
    let report = try replayer.run(job.job, effect: .treeName)
    let port = try replayer.compare(report, onto: job.onto, with: human)
    for (key, text) in port.resolutions { memory.learn(key, text) }
    return HumanForm(elsewhere: port.isChangedElsewhere, chosen: port.chosen)
  }

  private func failure(_ message: String) -> ReplayForm {
    ReplayForm(tree: nil, commit: nil, steps: [], error: message)
  }

  private func job(of line: String) -> Parsed {
    guard line.utf8.count <= Self.longestJob else {
      return .failure(failure("the job is too long"))
    }
    do {
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return .success(try decoder.decode(JobForm.self, from: Data(line.utf8)))
    } catch {
      return .failure(failure("the line is no job: \(JobForm.explanation(of: error))"))
    }
  }

  private func result(of job: JobForm) -> ReplayForm {
    do {
      var whole = job.job
      whole.resolvers = Resolvers(
        try Resolvers.named(job.resolve ?? "none"), memory: { memory.resolution(of: $0) })
      let report = try replayer.runTryingSiblings(
        whole, effect: job.ref.map { .ref($0) } ?? (job.dryRun == true ? .verdicts : .treeName))
      var form = ReplayForm(report)
      if let human = job.human { form.human = try compare(job, with: human) }
      if job.roundtrip == true { form = form.addingRoundTrip(report) }
      return form
    } catch {
      return failure("\(error)")
    }
  }
}

/// A line of a batch, or what is said of one that is no job.
private enum Parsed {
  case success(JobForm)
  case failure(ReplayForm)
}

/// A job as JSON.
private struct JobForm: Decodable {
  let onto: String
  let base: String?
  let patches: [String]?
  let commits: [String]?
  let ref: String?
  let dryRun: Bool?
  let roundtrip: Bool?
  let resolve: String?
  let siblings: [String]?
  let human: String?

  /// True where no other job can tell whether this one has run.
  var standsAlone: Bool { ref == nil && human == nil }

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case onto, base, patches, commits, ref, dryRun, roundtrip, resolve, siblings, human
  }

  /// Any key, so that unknown ones are noticed.
  private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
    let known = CodingKeys.allCases.map(\.rawValue)
    if let unknown = keys.first(where: { !known.contains($0) }) {
      throw UsageError("'\(unknown)' is no field of a job; see 'kerb replay --help'")
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    onto = try container.decode(String.self, forKey: .onto)
    base = try container.decodeIfPresent(String.self, forKey: .base)
    patches = try container.decodeIfPresent([String].self, forKey: .patches)
    commits = try container.decodeIfPresent([String].self, forKey: .commits)
    ref = try container.decodeIfPresent(String.self, forKey: .ref)
    dryRun = try container.decodeIfPresent(Bool.self, forKey: .dryRun)
    roundtrip = try container.decodeIfPresent(Bool.self, forKey: .roundtrip)
    resolve = try container.decodeIfPresent(String.self, forKey: .resolve)
    siblings = try container.decodeIfPresent([String].self, forKey: .siblings)
    human = try container.decodeIfPresent(String.self, forKey: .human)
    guard (patches == nil) != (commits == nil) else {
      throw UsageError("a job has either 'patches' or 'commits'")
    }
  }

  var job: ReplayJob {
    var job = ReplayJob(
      onto: onto, base: base, source: patches.map { .patches($0) } ?? .commits(commits ?? []))
    job.siblings = siblings ?? []
    return job
  }

  static func explanation(of error: any Error) -> String {
    switch error {
    case let usage as UsageError: "\(usage)"
    case DecodingError.keyNotFound(let key, _): "'\(key.stringValue)' is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' has the wrong type"
    default: "not readable as JSON"
    }
  }
}

extension ReplayForm {
  /// The form with each step saying whether printing the patch gives its bytes again.
  fileprivate func addingRoundTrip(_ report: ReplayReport) -> ReplayForm {
    var steps = steps
    for index in steps.indices where report.diagnostics.isEmpty {
      guard let patch = try? report.patches[index].get() else { continue }
      steps[index].formatted = patch.formatted == patch.bytes
      steps[index].canonical = patch.canonical == patch.bytes
    }
    return ReplayForm(
      tree: tree.flatMap { ObjectID($0) }, commit: commit.flatMap { ObjectID($0) }, steps: steps,
      warnings: warnings)
  }
}
