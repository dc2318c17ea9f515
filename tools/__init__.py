"""Set-up tools (环境工具): what `make` calls; standard library only, for they run before anything is installed."""
