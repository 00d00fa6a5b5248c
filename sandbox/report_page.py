"""The page of a report: its frame and its style. No scripts, nothing is loaded, text from programs is escaped."""

import base64
import hashlib
import html
import re
from string import Template

_STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5c6775;--line:#dfe4ea;--page:#f6f7f9;--card:#fff;--bar:#3b76d6;
--good:#1f7a4d;--bad:#b3261e;--badsoft:#fdecea}
@media(prefers-color-scheme:dark){:root{--ink:#e4e8ee;--soft:#98a3b1;--line:#313944;--page:#14181e;--card:#1c222a;
--bar:#6ba0f2;--good:#5cc48d;--bad:#f2867e;--badsoft:#3a2220}}
*{box-sizing:border-box}
body{margin:0;padding:2rem 1rem;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:64rem;margin:0 auto}
h1{font-size:1.35rem;margin:0;overflow-wrap:anywhere}
h2{font-size:.95rem;margin:0 0 .75rem}
h1,h2,td,dd,pre,p{unicode-bidi:isolate}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline;margin-bottom:1.25rem}
header p{margin:0;color:var(--soft);width:100%}
.status{font-weight:600;color:var(--good)}
.failed{color:var(--bad)}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1rem 1.25rem;margin:0 0 1rem}
section.error{background:var(--badsoft);border-color:var(--bad)}
section.error p{margin:0 0 .5rem;overflow-wrap:anywhere;white-space:pre-wrap}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));gap:1rem;margin:0}
dt{color:var(--soft);font-size:.8rem}
dd{margin:0;font-size:1.05rem;font-variant-numeric:tabular-nums}
dd small{display:block;color:var(--soft);font-size:.8rem}
pre,code,td{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,monospace}
pre{margin:0;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
pre.source{white-space:pre;counter-reset:line}
pre.source span{display:block;counter-increment:line;padding-left:3.5rem;position:relative;min-height:1.5em}
pre.source span::before{content:counter(line);position:absolute;left:0;width:2.75rem;text-align:right;color:var(--soft)}
pre.source .at{background:var(--badsoft)}
table{border-collapse:collapse;width:100%;table-layout:fixed}
th,td{text-align:left;vertical-align:top;padding:.35rem .5rem .35rem 0;border-top:1px solid var(--line);
overflow-wrap:anywhere}
th{border-top:0;color:var(--soft);font-size:.8rem;font-weight:400}
th:first-child{width:3rem}
th.time{width:34%}
.pairs td:first-child{width:25%}
.pairs tr:first-child td{border-top:0}
small{color:var(--soft)}
svg{display:block;width:100%;height:1.1rem}
svg .track{fill:var(--line)}
svg .bar{fill:var(--bar)}
svg .bad{fill:var(--bad)}
.raised{color:var(--bad)}
.note{color:var(--soft);margin:.75rem 0 0}
footer{color:var(--soft);font-size:.85rem;overflow-wrap:anywhere}
a{color:var(--bar)}
"""
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# In a page, `frame-ancestors` is not for a `meta` element.
_FOR_META = CONTENT_SECURITY_POLICY.rpartition(";")[0]
_PAGE = Template(
    """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>$title</title><style>$style</style></head>
<body><main>
$body
</main></body></html>
"""
)
# What would change how the text around it is read: control characters, and those that turn the direction of text.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def page(title: str, body: str) -> str:
    """Return the page; `title` is text, `body` is HTML whose texts went through `escaped`."""
    return _PAGE.substitute(policy=html.escape(_FOR_META), title=escaped(title), style=_STYLE, body=body)


def escaped(text: str) -> str:
    """Return text as HTML that shows it; invisible characters are shown by their number."""
    shown = _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text.replace("\r\n", "\n"))
    return html.escape(shown.encode("utf-8", "replace").decode())
