import Foundation
import TestSupport
import Testing

@testable import Upstream

/// A package index on the loopback interface, which remembers what it was asked.
///
/// A class, because the server ends with it: when nobody can write to its input any more. Signals
/// would not do, as Foundation starts programs with most of them blocked.
final class IndexServer: Sendable {
  /// A request as it came.
  struct Request: Decodable, Equatable {
    let path: String
    let authorization: String?
    let proxyAuthorization: String?
  }

  private let directory: TemporaryDirectory
  private let input: Pipe
  let port: Int

  /// - Parameter user: `name:password` that the index asks for.
  init(user: String? = nil) throws {
    // It keeps pip away from this machine's settings.
    _ = try World()
    directory = try TemporaryDirectory()
    input = Pipe()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", Self.script, directory.path, user ?? ""]
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let line = output.fileHandleForReading.availableData
    port = try #require(
      Int(String(decoding: line, as: UTF8.self).trimmingCharacters(in: .newlines)))
  }

  deinit { try? input.fileHandleForWriting.close() }

  /// The index's address.
  var index: String { "http://127.0.0.1:\(port)/simple" }

  /// Puts a file into the server.
  func put(_ path: String, _ content: some Sequence<UInt8>) throws {
    try directory.write("root/" + path, content)
  }

  /// Puts a project's page into the index.
  func putPage(_ project: String, html: String? = nil, json: String? = nil) throws {
    if let html { try put("simple/\(project)/index.html", html.utf8) }
    if let json { try put("simple/\(project)/index.json", json.utf8) }
  }

  /// The requests so far.
  var requests: [Request] {
    let lines = (directory.read("log") ?? "").split(separator: "\n")
    return lines.compactMap { try? JSONDecoder().decode(Request.self, from: Data($0.utf8)) }
  }

  /// pip's settings for this index alone.
  func settings(_ more: [String: String?] = [:]) -> [String: String?] {
    let own: [String: String?] = [
      "PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": index, "PIP_RETRIES": "0",
      "HTTP_PROXY": nil, "http_proxy": nil, "NO_PROXY": nil, "no_proxy": nil,
    ]
    return own.merging(more) { $1 }
  }

  /// `NAME.redirect` holds the address to go to; `/endless` never ends.
  private static let script = """
    import base64, http.server, json, os, sys, threading
    root, user = sys.argv[1], sys.argv[2]
    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *arguments): pass
        def do_GET(self):
            head = self.headers
            with open(root + "/log", "a") as log:
                log.write(json.dumps({"path": self.path, "authorization": head["Authorization"],
                    "proxyAuthorization": head["Proxy-Authorization"]}) + "\\n")
            expected = "Basic " + base64.b64encode(user.encode()).decode()
            if user and head["Authorization"] != expected:
                return self.answer(401, b"", "text/plain")
            path = root + "/root/" + self.path.split("://")[-1].partition("/")[2].split("?")[0]
            if self.path == "/endless": return self.endless()
            if os.path.exists(path + ".redirect"):
                self.send_response(302)
                self.send_header("Location", open(path + ".redirect").read())
                self.send_header("Content-Length", "0")
                return self.end_headers()
            kind = "application/octet-stream"
            if path.endswith("/"):
                wants = "application/vnd.pypi.simple.v1+json" in head["Accept"]
                json_page = wants and os.path.exists(path + "index.json")
                kind = "application/vnd.pypi.simple.v1+json" if json_page else "text/html"
                path += "index.json" if json_page else "index.html"
            if not os.path.exists(path): return self.answer(404, b"", "text/plain")
            self.answer(200, open(path, "rb").read(), kind)
        def answer(self, status, body, kind):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        def endless(self):
            self.send_response(200)
            self.end_headers()
            try:
                while True: self.wfile.write(bytes(1 << 16))
            except OSError: pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    """
}
