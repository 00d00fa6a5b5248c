"""A program that never ends: the instruction count stops it, at the same instruction on every machine."""

count = 0
while True:
    count += 1
