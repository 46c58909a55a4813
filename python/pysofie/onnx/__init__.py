"""The ONNX front-end: a ``.onnx`` file or a ModelProto in memory to the Graph; behind every other front-end of an exporter."""
