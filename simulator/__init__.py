"""Simulated people and sensors with known truth; recordings and their replay."""
