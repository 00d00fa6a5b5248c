from string import Template
from textwrap import dedent, indent
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

page = Template(dedent("""\
    # $title
    ${body}
    -- $author"""))
items = "\n".join(f"- {o['sku']} x {o['quantity']}" for o in orders)
print(page.substitute(title="Orders", body=indent(items, "  "), author="Ada"))
parts = urlsplit("https://shop.example.com/items?page=2&sort=price#top")
query = {k: v[0] for k, v in parse_qs(parts.query).items()} | {"page": 3}
following = urlunsplit(parts._replace(query=urlencode(query), fragment=""))
[following, parts.netloc, query]
