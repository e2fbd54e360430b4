"""AWS Backup with data: what it keeps of clusters and tables, restores of that, and tests of restores by a plan."""
