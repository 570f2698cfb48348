"""Objects (物): the managed things of the grid, called components in the standards."""
