"""MNIST -> a trained network. Imports TensorFlow: only the methods that train come here."""
