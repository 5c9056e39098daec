"""What stands before Flask: whole bodies, deadlines and bounded pools of threads."""
