"""Households (困难家庭): the people a task is for."""
