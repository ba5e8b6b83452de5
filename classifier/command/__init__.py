"""The library as a command: files and folders -> a line for each picture."""
