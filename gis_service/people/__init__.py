"""People (人): households and residents, the most protected of the four elements."""
