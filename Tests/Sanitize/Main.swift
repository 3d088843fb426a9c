import Testing

/// Runs the tests that are linked with it, as a package's own runner does.
@main struct Main {
  static func main() async {
    await Testing.__swiftPMEntryPoint() as Never
  }
}
