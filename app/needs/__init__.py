"""Needs (需求): what a household lacks, told twice: the inside story, and the anonymous card."""
