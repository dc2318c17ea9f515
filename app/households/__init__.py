"""Households (困难家庭): one file per registered hardship household (一户一档)."""
