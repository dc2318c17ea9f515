"""Shanlin 善邻: charity and volunteer matching (困难群众帮扶平台)."""
