"""Set-up tools (环境工具): what `make` calls, before anything is installed."""
