"""Tasks and claims (任务与认领): what a neighbour can take on, and who has taken it."""
