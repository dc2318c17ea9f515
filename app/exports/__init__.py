"""Exports (导出): any list as a file, masked; a list of files in clear only when a second person agreed."""
