"""One module for each family of operators; every module in this folder is found by itself."""
