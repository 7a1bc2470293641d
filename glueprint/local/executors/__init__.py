"""What carries out the owed actions: job processes, crawl processes, blueprint registration and layouts."""
