"""The Keras front-end: a model's graph of layers and operations, walked and written down in ONNX's operators."""
