import textwrap

para = "Isolates are made ahead of need, so that a short program starts at once; each serves one execution and is thrown away."
print(textwrap.fill(para, width=40, initial_indent="* ", subsequent_indent="  "))
[textwrap.wrap(para, 50), textwrap.shorten(para, 40, placeholder=" ..."), textwrap.dedent("""
    def f():
        return 1
"""), textwrap.indent("a\nb", "> ")]
