import random

rng = random.Random(42)
shuffled = list(range(6))
rng.shuffle(shuffled)
random.seed(7)
a = [random.random(), random.randint(1, 6)]
random.seed(7)
b = [random.random(), random.randint(1, 6)]
[rng.randint(1, 100), shuffled, rng.choice("abc"), rng.sample(range(10), 3), a == b, rng.choices([1, 2], weights=[1, 0], k=3), round(rng.uniform(1, 2), 6), round(rng.gauss(0, 1), 6), 0 <= random.random() < 1, rng.randrange(0, 10, 5), len(rng.randbytes(4)), rng.getrandbits(8)]
