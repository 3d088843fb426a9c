import Foundation

/// A build back end that runs nothing of the archive.
///
/// `pip download` asks an archive's build back end for its metadata, in an environment that it
/// first fills from the index: several seconds, and the archive's own code runs before anybody has
/// compared its digest. A released archive holds the metadata in `PKG-INFO`. With this directory
/// first in `PYTHONPATH` and `--no-build-isolation`, pip finds modules under the usual back ends'
/// names that copy the file.
enum MetadataBackend {
  /// Writes the modules.
  static func install(in directory: URL) throws {
    for (path, text) in modules {
      let file = directory.appendingPathComponent(path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
  }

  private static let modules = [
    "kerb_metadata.py": backend,
    "pbr/__init__.py": "",
    "pbr/build.py": "from kerb_metadata import *\n",
    "setuptools/__init__.py": "",
    "setuptools/build_meta.py": """
    import sys
    from kerb_metadata import *
    __legacy__ = sys.modules[__name__]

    """,
  ]

  private static let backend = """
    import email
    import os
    import shutil


    def get_requires_for_build_wheel(config_settings=None):
        return []


    def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
        with open("PKG-INFO", encoding="utf-8") as stream:
            info = email.message_from_file(stream)
        name = "{}-{}.dist-info".format(info["Name"].replace("-", "_"), info["Version"])
        os.mkdir(os.path.join(metadata_directory, name))
        shutil.copyfile("PKG-INFO", os.path.join(metadata_directory, name, "METADATA"))
        return name

    """
}
