"""What publisher adds to articles: key points and Read also links. One file per enricher."""
