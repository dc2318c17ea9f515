"""Portal (门户): the public page, everyone's home page, and what greets a new installation."""
