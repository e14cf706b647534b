"""How many desks: the shortage that measured use would have met with any number of them."""
