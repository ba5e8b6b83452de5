"""MNIST -> a trained network. Imports TensorFlow, which predicting never needs."""
