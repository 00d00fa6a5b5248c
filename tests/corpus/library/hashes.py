import base64
import binascii
import hashlib
import hmac
import zlib

data = b"isthmus"
signature = hmac.new(b"key", data, hashlib.sha256).hexdigest()
packed = zlib.compress(b"abc" * 100, level=9)
digest = hashlib.sha256()
for part in (b"ist", b"hmus"):
    digest.update(part)
[
    hashlib.md5(data).hexdigest(), hashlib.sha1(data).hexdigest(), digest.hexdigest() == hashlib.sha256(data).hexdigest(), hashlib.sha512(data).hexdigest()[:16], hashlib.blake2b(data, digest_size=8).hexdigest(), hashlib.new("sha3_256", data).hexdigest()[:8], signature,
    hmac.compare_digest(signature, signature), base64.b64encode(data).decode(), base64.b64decode("aXN0aG11cw==").decode(), base64.urlsafe_b64encode(b"\xfb\xff").decode(), base64.b32encode(b"ab").decode(), base64.b16encode(b"ab").decode(), binascii.hexlify(data).decode(), binascii.crc32(data), zlib.crc32(data), zlib.adler32(data),
    zlib.decompress(packed) == b"abc" * 100, base64.b85encode(b"abcd").decode(), binascii.unhexlify("6162").decode(),
]
