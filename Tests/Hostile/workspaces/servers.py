"""Servers on this machine that a case starts, and the archives that they serve."""

import http.server
import io
import tarfile
import threading


class Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def log_message(self, *words):
        pass

    def answer(self, data=b"", kind="text/html", status=200, **fields):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        """A client that goes away is what many cases are about."""


def start(w, handler):
    """Starts a server until the case ends; returns its port."""
    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    w.stops.append(server.shutdown)
    return server.server_port


class Archive:
    """A released archive: files by name, and entries of any kind."""

    def __init__(self, compressed=True):
        self.buffer = io.BytesIO()
        self.tar = tarfile.open(fileobj=self.buffer, mode="w:gz" if compressed else "w", compresslevel=1)

    def file(self, name, data=b"", **fields):
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(data), 0o644
        for key, value in fields.items():
            setattr(entry, key, value)
        self.tar.addfile(entry, io.BytesIO(data))
        return self

    def zeros(self, name, size):
        class Zeros(io.RawIOBase):
            def read(self, count=-1):
                return bytes(count)

        entry = tarfile.TarInfo(name)
        entry.size = size
        self.tar.addfile(entry, Zeros())
        return self

    def good(self, name="demo", version="1.0", backend="pbr.build"):
        """What every archive has."""
        self.file("demo-1.0/PKG-INFO", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode())
        self.file(
            "demo-1.0/pyproject.toml", f'[build-system]\nrequires=[]\nbuild-backend="{backend}"\n'.encode()
        )
        return self.file("demo-1.0/demo/main.txt", "".join(f"{n}\n" for n in range(1, 41)).encode())

    @property
    def data(self):
        self.tar.close()
        return self.buffer.getvalue()
