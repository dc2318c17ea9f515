"""Media (影像与文件): photos and papers, re-encoded, without metadata, sealed with their household's key."""
