"""Schema version 5: what a key is for is named, also the running of programs, which every key could do before."""

STATEMENTS = ("UPDATE keys SET scopes = TRIM(scopes || ' run')",)
