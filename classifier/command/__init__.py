"""The library as a command: files and folders in, a line for each picture out."""
