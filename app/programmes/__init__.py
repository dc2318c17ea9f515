"""Programmes (慈善项目): what foundations fund, and how far the money has gone."""
