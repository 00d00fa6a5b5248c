"""Guest images: builds of the guest with pure-Python packages inside; what is locked, checked and kept of them."""
