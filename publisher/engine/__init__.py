"""Who executes work: this process (`local`), or many machines."""
