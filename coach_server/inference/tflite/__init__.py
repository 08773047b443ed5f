"""TensorFlow Lite models to ONNX: pure conversion of bytes, no TensorFlow, no runtime."""
