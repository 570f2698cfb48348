"""Land (地): parcels, buildings, roads and water."""
