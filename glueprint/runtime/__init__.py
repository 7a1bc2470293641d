"""What runs inside and around a job's process."""
