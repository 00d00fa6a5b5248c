"""`python -m api` is the `isthmus` command."""

from api.cli import main

main()
