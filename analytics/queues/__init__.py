"""How many desks for so many people, without history: models of presence and of queues, and what judges them."""
