"""Notices (消息): an outbox written with the change it tells of, delivered by the scheduler."""
