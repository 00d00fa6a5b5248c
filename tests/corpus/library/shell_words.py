import fnmatch
import keyword
import shlex

[shlex.split("cp 'a b' --to=\"c d\" e\\ f"), shlex.quote("it's"), shlex.join(["echo", "a b"]), fnmatch.filter(["a.py", "b.txt", "c.py"], "*.py"), fnmatch.fnmatchcase("Data1", "Data[0-9]"), keyword.iskeyword("class"), keyword.issoftkeyword("match"), fnmatch.fnmatch("x/y.log", "*.log")]
