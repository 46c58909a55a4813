"""What TMVA does around a network: the transformations of its variables, which only the weights' XML holds."""
