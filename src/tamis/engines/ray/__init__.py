"""The row signals on Ray Data, the searches of corpus signals as tasks: the answer is that of `tamis.engines.local`.

`session` connects, `portions` cuts the input, `rows` measures it, and `corpus` is what the corpus signals see: texts
that stay where they were measured. Ray is imported inside the functions that need it.
"""
