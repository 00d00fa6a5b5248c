"""The face: HTTP and the command line. It translates, it never decides."""
