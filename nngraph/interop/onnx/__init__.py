"""ONNX out of the lowered program: one row an op, images channels first inside."""
