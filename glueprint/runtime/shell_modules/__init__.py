"""A folder that stands on the module path of Python shell jobs: whatever lies in it, their scripts can import."""
