"""The PyTorch front-end: a TorchScript file to the Graph, by PyTorch's own ONNX exporter in memory."""
