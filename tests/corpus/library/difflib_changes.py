import difflib

old = ["one", "two", "three", "four"]
new = ["one", "2", "three", "four", "five"]
matcher = difflib.SequenceMatcher(None, "kitten", "sitting")
[list(difflib.unified_diff(old, new, "a", "b", lineterm="")), difflib.get_close_matches("appel", ["ape", "apple", "peach"]), round(matcher.ratio(), 4), [list(op) for op in matcher.get_opcodes()], [line for line in difflib.ndiff(old, new) if line[0] in "+-"], list(matcher.find_longest_match())]
