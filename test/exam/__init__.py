"""An exam that nobody here wrote: the cases that come with the onnx package, one node each (or its decomposition).

``python -m exam`` (from the folder ``test``) sits it and writes docs/operators.md; with ``--only Slice,Pad`` it tells how those operators
fare, and writes nothing.
"""
