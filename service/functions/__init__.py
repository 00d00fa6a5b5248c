"""The whitelist: which functions guests may call, and the texts that describe them."""
