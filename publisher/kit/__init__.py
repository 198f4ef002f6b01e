"""One wrapper for each thing that two adapters share; adapters import it, never the other way."""
