import xml.etree.ElementTree as ET
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

FEED = """<rss version="2.0"><channel><title>News &amp; more</title>
<item id="1"><title>First</title><price>12.50</price></item>
<item id="2"><title>Second</title><price>8.90</price></item></channel></rss>"""
root = fromstring(FEED)
items = [{"id": int(i.get("id")), "title": i.findtext("title"), "price": float(i.find("price").text)} for i in root.iter("item")]
made = Element("order", attrib={"id": "7"})
line = SubElement(made, "line")
line.text = "5 < 6"
ET.indent(made)
try:
    ET.fromstring("<a><b></a>")
except ET.ParseError as error:
    position = list(error.position)
[items, root.tag, root.attrib["version"], root.find("channel/title").text, tostring(made, encoding="unicode"), position, [e.tag for e in root.findall(".//item[@id='2']/title")], ET.fromstring('<a xmlns:x="urn:x"><x:b/></a>')[0].tag]
