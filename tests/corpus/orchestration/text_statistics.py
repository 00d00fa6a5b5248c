import re
from collections import Counter

words = re.findall(r"[a-z]+", text.lower())
counts = Counter(words)
longest = max(words, key=len)
sentences = [s.strip() for s in re.split(r"[.;\n]+", text) if s.strip()]
histogram = {n: "#" * sum(1 for w in words if len(w) == n) for n in sorted(set(map(len, words)))}
for length, bar in histogram.items():
    print(f"{length:>2} {bar}")
{"words": len(words), "unique": len(counts), "top": counts.most_common(3)[0][0], "longest": longest, "sentences": len(sentences), "label": classify(sentences[0])}
