"""Roll-ups as they are kept and read: which of them are fresh, and figures made of those."""
