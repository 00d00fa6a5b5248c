"""What the language policy refuses before anything runs: all places at once, each with a hint."""

import socket
import sys

classes = ().__class__.__base__.__subclasses__()
print(sys.argv, socket.gethostname(), classes)
