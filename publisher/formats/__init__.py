"""What publisher renders: feed documents, pages around them, digests. One file per format."""
