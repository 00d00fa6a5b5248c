"""How the schema came to be: one module per version, never changed after its release."""
