values = [0b1010, 0o17, 0xFF, 1_000_000, 1e3, 1.5e-3, 10 // 3, -10 // 3, 10 % -3, 2 ** -1, 7 / 2, 0.1 + 0.2, round(0.5), round(1.5), abs(-3), divmod(17, 5)[1]]
big = 2 ** 64 + 1
z = (1 + 2j) * (3 - 1j)
[
    values, big, str(big)[::-1], big.bit_length(), z.real, z.imag, abs(3 + 4j), int("-42"), int("z", 36), float("1e-2"), int(3.99), bool([]), True + True, 5 & 3, 5 | 3, 5 ^ 3, ~5, 1 << 10, -8 >> 1, (255).to_bytes(2, "big").hex(), int.from_bytes(b"\x01\x00", "little"),
    float("inf") > 10 ** 300, (0.5).as_integer_ratio()[1], (10.0).is_integer(), float.fromhex("0x1.8p1"), 1 < 2 < 3, 3 > 2 != 1, max(3, 1, 2), min([4, 2], default=0), sum([[1], [2]], []), pow(2, 10, 1000), hex(255), bin(5), oct(8), all([]), any([0, 1]), f"{1e16:,.0f}", f"{0.000001234:.2e}", 1 if 0 else 2,
]
