"""The simulator, recordings and their replay."""
