"""What a crawl infers: from a listing and samples to tables and partitions. No HTTP, no store."""
