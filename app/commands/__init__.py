"""One module a command of `popgate`: each has `run(args) -> int`, the process's exit code."""
