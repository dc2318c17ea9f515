"""What the portal changes (门户服务)."""
