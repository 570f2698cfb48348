"""Questions asked of the map: what is in here, what is near, how many, where is."""
