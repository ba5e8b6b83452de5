"""A picture -> the 28x28 image that the network reads."""
