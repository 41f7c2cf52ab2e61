"""What `manage.py serve` is made of, one step of the start per module."""
