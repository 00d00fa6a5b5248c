"""What the language policy refuses before anything runs: all places at once, each with a hint."""

import os
import socket

classes = ().__class__.__base__.__subclasses__()
print(os.environ, socket.gethostname(), classes)
