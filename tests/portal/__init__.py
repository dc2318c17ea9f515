"""Tests of the portal (门户)."""
