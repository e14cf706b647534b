"""Moving house: readings from one store to another, by way of files that anybody can read."""
