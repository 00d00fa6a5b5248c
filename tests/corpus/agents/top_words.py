import string

words = [w.strip(string.punctuation).lower() for w in text.split()]
stop = {"the", "it", "was", "on", "not"}
counts = {}
for word in words:
    if word and word not in stop:
        counts[word] = counts.get(word, 0) + 1
ranked = sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))[:limit]
label = classify(text)
{"label": label, "ranked": [f"{w}:{n}" for w, n in ranked], "longest": max(counts, key=len), "sentences": text.count(".")}
