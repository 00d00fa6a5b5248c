import bisect
import gzip
import zlib

blob = gzip.compress(b"hello " * 50, mtime=0)
compressor = zlib.compressobj(wbits=-15)
raw = compressor.compress(b"x" * 1000) + compressor.flush()
try:
    gzip.decompress(b"nope")
except gzip.BadGzipFile as error:
    message = str(error)
[gzip.decompress(blob) == b"hello " * 50, len(blob) < 60, zlib.decompress(raw, wbits=-15) == b"x" * 1000, message, blob[:2].hex()]
