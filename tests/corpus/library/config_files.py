import configparser
import tomllib

parser = configparser.ConfigParser()
parser.read_string("""
[DEFAULT]
retries = 3
[web]
host = example.com
port = 8080
debug = yes
url = https://%(host)s:%(port)s/
""")
settings = tomllib.loads("""
title = "demo"
[owner]
since = 2026-03-01
tags = ["a", "b"]
[[servers]]
name = "alpha"
ratio = 1.5
""")
try:
    tomllib.loads("a = ")
except tomllib.TOMLDecodeError as error:
    message = str(error)
parser["new"] = {"x": "1"}
[parser.sections(), parser.getint("web", "port"), parser["web"].getboolean("debug"), parser["web"]["url"], parser.get("web", "retries"), parser.get("web", "gone", fallback="-"), settings["title"], settings["owner"]["since"].isoformat(), settings["servers"], message]
