"""Networks leave for other tools: ONNX."""
