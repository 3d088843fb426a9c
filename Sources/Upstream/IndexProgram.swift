/// The program that speaks with the package indexes: Python with pip's own session, for pip knows
/// the user's indexes, credentials, proxy and certificates. It brings pages and one file into the
/// folder that it starts in, reads none of them, and answers with one line of JSON.
///
/// Python runs it with `-I -c`: nothing of the folder or of `PYTHONPATH` is imported.
enum IndexProgram {
  static let text = #"""
    import contextlib, json, os, stat, sys, time, urllib.parse, urllib.request

    ACCEPT = ", ".join([
        "application/vnd.pypi.simple.v1+json",
        "application/vnd.pypi.simple.v1+html; q=0.2",
        "text/html; q=0.1",
    ])


    class Stop(Exception):
        def __init__(self, kind, reason=""):
            self.kind, self.reason = kind, str(reason)


    def said(error):
        by_proxy = False
        for _ in range(9):
            by_proxy = by_proxy or type(error).__name__ == "ProxyError"
            causes = [getattr(error, "reason", None), *error.args]
            cause = next((cause for cause in causes if isinstance(cause, Exception)), None)
            if cause is None:
                break
            error = cause
        text = str(error)
        if text.startswith("<"):
            text = text.partition(">: ")[2] or text
        return ("by the proxy: " if by_proxy else "") + " ".join(text.split())[:300]


    class Index:
        def __init__(self):
            try:
                import pip
            except ImportError:
                raise Stop("noPip")
            try:
                from pip._internal.commands import create_command
                from pip._internal.exceptions import PipError
                from pip._internal.models.link import Link
                from pip._vendor.requests.exceptions import RequestException, SSLError
                from pip._vendor.urllib3.exceptions import HTTPError

                self.broken, self.untrusted = (RequestException, HTTPError), SSLError
                self.Link = Link
                try:
                    command = create_command("download")
                    self.options = command.parse_args([])[0]
                    self.options.cache_dir, self.options.no_input = None, True
                    self.session = command._build_session(self.options)
                    self.session.auth.prompting = False
                except PipError as error:
                    raise Stop("configuration", said(error))
                self.target = self.session.get_redirect_target
                self.session.get_redirect_target = self.redirected
                self.session.is_secure_origin
                urls = [self.options.index_url] + self.options.extra_index_urls
                self.indexes = [url for url in urls if url]
                self.links = self.options.find_links
                if self.options.no_index:
                    self.indexes = []
            except Stop:
                raise
            except Exception as error:
                raise Stop("otherPip", "pip %s: %s: %s" % (
                    getattr(pip, "__version__", "?"), type(error).__name__, said(error)))

        def redirected(self, response):
            target = self.target(response)
            if target:
                self.check(urllib.parse.urljoin(response.url, target))
            return target

        def check(self, url):
            parts = urllib.parse.urlsplit(url)
            if parts.scheme not in ("https", "http") or not parts.hostname:
                raise Stop("address", "an address with %s: is not followed" % parts.scheme)
            if not self.session.is_secure_origin(self.Link(url)):
                host = parts.hostname
                raise Stop("address", "%s is reached by http and pip does not trust it" % host)

        def get(self, url, path, limit, headers, plain, progress=False):
            self.check(url)
            started, count, shown = time.monotonic(), 0, -1
            try:
                answer = self.session.get(url, headers=headers, stream=True)
                with contextlib.closing(answer) as response:
                    status = response.status_code
                    if status in (404, 410):
                        raise Stop("absent")
                    if status in (401, 403, 407):
                        raise Stop("denied", "%s %s" % (status, response.reason))
                    if status != 200:
                        raise Stop("network", "the server says %s %s" % (status, response.reason))
                    length = response.headers.get("Content-Length") or ""
                    length = int(length) if plain and length.isdigit() else 0
                    if length > limit:
                        raise Stop("tooLarge", length)
                    chunks = (response.raw.stream(1 << 16, decode_content=False) if plain
                              else response.iter_content(1 << 13))
                    with open(path, "xb") as file:
                        for chunk in chunks:
                            count += len(chunk)
                            if count > limit:
                                raise Stop("tooLarge", "more than %d" % limit)
                            if time.monotonic() - started > 60 + count / 1000:
                                raise Stop("network", "the server sends next to nothing")
                            file.write(chunk)
                            if progress and length and count * 10 // length != shown:
                                shown = count * 10 // length
                                print("received", shown * 10, file=sys.stderr, flush=True)
                    if count < length:
                        raise Stop("network", "it ended after %d of %d bytes" % (count, length))
                    return response.url, response.headers.get("Content-Type", "")
            except self.untrusted as error:
                raise Stop("certificate", said(error))
            except self.broken as error:
                raise Stop("network", said(error))

        def page(self, number, place, url, limit):
            answer = {"place": bare(place)}
            try:
                path = "page-%d" % number
                headers = {"Accept": ACCEPT, "Cache-Control": "max-age=0"}
                final, kind = self.get(url, path, limit, headers, False)
                answer.update(kind="page", url=bare(final), type=kind, file=path)
            except Stop as stop:
                answer.update(kind=stop.kind, reason=self.hiding(stop.reason))
            return answer

        def pages(self, project, limit):
            folders = []
            pages = [(url, url.rstrip("/") + "/" + project + "/") for url in self.indexes]
            for link in self.links:
                path = urllib.request.url2pathname(link[5:]) if link.startswith("file:") else link
                path = os.path.expanduser(path)
                if "://" in path:
                    pages.append((link, link))
                elif os.path.isabs(path) and os.path.isdir(path):
                    names = [name for name in os.listdir(path) if name.endswith(".tar.gz")]
                    folders.append({"place": path, "kind": "folder", "names": sorted(names)})
            return folders + [self.page(number, place, url, limit)
                              for number, (place, url) in enumerate(pages)]

        def file(self, url, index, limit):
            for known in self.indexes:
                if bare(known) == index:
                    with contextlib.suppress(Exception):
                        self.session.auth._get_url_and_credentials(known)
            self.get(url, "archive", limit, {"Accept-Encoding": "identity"}, True, True)

        def hiding(self, text):
            known = self.indexes + self.links + [self.options.proxy or ""]
            known += urllib.request.getproxies().values()
            for url in known:
                url = url if "://" in url else "//" + url
                user = urllib.parse.urlsplit(url).netloc.rpartition("@")[0]
                secrets = [user, user.partition(":")[2]]
                for secret in secrets + [urllib.parse.unquote(secret) for secret in secrets]:
                    if len(secret) > 3:
                        text = text.replace(secret, "***")
            return text


    def copy(path, limit):
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as source:
            status = os.fstat(source.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Stop("address", "it is no regular file")
            if status.st_size > limit:
                raise Stop("tooLarge", status.st_size)
            with open("archive", "xb") as file:
                file.write(source.read(limit))


    def bare(url):
        parts = urllib.parse.urlsplit(url)
        return urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


    def answer(request):
        hiding = str
        try:
            if "path" in request:
                copy(request["path"], request["limit"])
                return {}
            index = Index()
            hiding = index.hiding
            if "project" in request:
                return {"places": index.pages(request["project"], request["limit"])}
            index.file(request["url"], request["index"], request["limit"])
            return {}
        except Stop as stop:
            return {"kind": stop.kind, "reason": hiding(stop.reason)}
        except Exception as error:
            kind = "disk" if isinstance(error, OSError) else "otherPip"
            return {"kind": kind, "reason": hiding(str(error))}


    print(json.dumps(answer(json.load(sys.stdin))))

    """#
}
