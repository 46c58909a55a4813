"""One module for each family of layers and operations; found by themselves."""
