import html
from html.parser import HTMLParser
from urllib.parse import parse_qs, parse_qsl, quote, quote_plus, unquote, urlencode, urljoin, urlparse, urlsplit, urlunparse


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.links = []
        self._text = []

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.links.append(dict(attrs).get("href"))

    def handle_data(self, data):
        self._text.append(data.strip())


parser = Links()
parser.feed('<p>See <a href="/a?x=1&amp;y=2">this</a> &amp; <a class="b" href="https://example.org">that</a><br/></p>')
url = urlparse("https://user:pw@example.com:8443/path/to;p?q=1&q=2&r=%20x#frag")
[
    parser.links, [t for t in parser._text if t], html.escape("<a href='x'>&"), html.unescape("&lt;p&gt; &eacute; &#39;"), url.hostname, url.port, url.path, url.username, parse_qs(url.query), [list(p) for p in parse_qsl("a=1&b=&c=3", keep_blank_values=True)],
    quote("a b/ü?"), quote_plus("a b&c"), unquote("%C3%BC+x"), urlencode({"q": "a b", "tags": ["x", "y"]}, doseq=True), urljoin("https://example.com/a/b/c", "../d?e=1"), urlunparse(url._replace(scheme="http", netloc="h", fragment="")), urlsplit("//host/p").netloc, url.geturl(),
]
