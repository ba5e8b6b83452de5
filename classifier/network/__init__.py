"""A 28x28 image -> a prediction."""
